use protoplast_layout as planner;
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyType};

use crate::error::CoreError;
use crate::layout::{Layout, as_layout};
use crate::node;

/// One worker: a process of Daft's with its share of a node.
#[pyclass(frozen, eq, module = "protoplast", from_py_object)]
#[derive(Clone, PartialEq)]
pub struct Worker(planner::Worker);

#[pymethods]
impl Worker {
    #[new]
    #[pyo3(signature = (worker_id, node_id, cpus, gpus, memory_bytes, first_gpu = 0))]
    fn new(
        worker_id: String,
        node_id: &str,
        cpus: u32,
        gpus: u32,
        memory_bytes: u64,
        first_gpu: u32,
    ) -> Self {
        let node_id = node_id.into();
        Self(planner::Worker { worker_id, node_id, cpus, gpus, first_gpu, memory_bytes })
    }

    #[getter]
    fn first_gpu(&self) -> u32 {
        self.0.first_gpu
    }

    #[getter]
    fn worker_id(&self) -> &str {
        &self.0.worker_id
    }

    #[getter]
    fn node_id(&self) -> &str {
        &self.0.node_id
    }

    #[getter]
    fn cpus(&self) -> u32 {
        self.0.cpus
    }

    #[getter]
    fn gpus(&self) -> u32 {
        self.0.gpus
    }

    #[getter]
    fn memory_bytes(&self) -> u64 {
        self.0.memory_bytes
    }

    fn __repr__(&self) -> String {
        let planner::Worker { worker_id, node_id, cpus, gpus, first_gpu, memory_bytes } = &self.0;
        format!(
            "Worker(worker_id='{worker_id}', node_id='{node_id}', cpus={cpus}, gpus={gpus}, \
             memory_bytes={memory_bytes}, first_gpu={first_gpu})"
        )
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> (Bound<'py, PyType>, WorkerFields) {
        let worker = self.0.clone();
        let fields = (
            worker.worker_id,
            worker.node_id.to_string(),
            worker.cpus,
            worker.gpus,
            worker.memory_bytes,
            worker.first_gpu,
        );
        (py.get_type::<Self>(), fields)
    }
}

/// What [`Worker::new`] takes.
type WorkerFields = (String, String, u32, u32, u64, u32);

/// The workers that a layout gives a cluster.
#[pyclass(frozen, eq, module = "protoplast")]
#[derive(PartialEq)]
pub struct Plan(planner::Plan);

#[pymethods]
impl Plan {
    #[getter]
    fn layout(&self) -> Layout {
        Layout(self.0.layout)
    }

    #[getter]
    fn workers(&self) -> Vec<Worker> {
        self.0.workers.iter().cloned().map(Worker).collect()
    }

    fn startup_timeout_s(&self, own: u64) -> u64 {
        self.0.startup_timeout_s(own)
    }

    fn by_node(&self, most: usize) -> Vec<Self> {
        self.0.by_node(most).into_iter().map(Self).collect()
    }

    fn to_json(&self) -> String {
        self.0.to_json()
    }

    fn __len__(&self) -> usize {
        self.0.workers.len()
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        format!("<Plan {}, {} workers>", self.0.layout, self.0.workers.len())
    }
}

#[pyfunction]
#[pyo3(signature = (layout, nodes, existing_ids = None))]
pub fn plan(
    py: Python<'_>,
    layout: &Bound<'_, PyAny>,
    nodes: &Bound<'_, PyAny>,
    existing_ids: Option<&Bound<'_, PyAny>>,
) -> Result<Plan, CoreError> {
    let layout = as_layout(layout)?.0;
    let nodes = node::nodes(nodes)?;
    let existing: Vec<String> = match existing_ids {
        None => Vec::new(),
        Some(ids) => ids
            .extract()
            .map_err(|_| CoreError::wrong_type("existing_ids", "a list of worker ids", ids))?,
    };
    Ok(Plan(py.detach(|| planner::plan(&nodes, layout, &existing))?))
}

#[pyfunction]
pub fn verify(
    plan: &Bound<'_, Plan>,
    created: Vec<Worker>,
    registered: Vec<Worker>,
) -> Result<(), CoreError> {
    let plan = &plan.get().0;
    let inner =
        |workers: Vec<Worker>| workers.into_iter().map(|worker| worker.0).collect::<Vec<_>>();
    Ok(planner::verify(plan.layout, &plan.workers, &inner(created), &inner(registered))?)
}

/// A table of workers as they were read back, for `str(status)`.
///
/// `rows` hold worker id, node id, pid (None where it did not answer), CPUs, GPUs, memory in bytes and state.
#[pyfunction]
pub fn render_workers(rows: Vec<(Worker, Option<u32>, String)>) -> String {
    let rows = rows
        .into_iter()
        .map(|(Worker(worker), pid, state)| {
            vec![
                worker.worker_id,
                pid.map_or_else(|| "-".to_owned(), |pid| pid.to_string()),
                worker.cpus.to_string(),
                worker.gpus.to_string(),
                planner::bytes(worker.memory_bytes),
                state,
            ]
        })
        .collect();
    planner::table(&["worker", "pid", "CPUs", "GPUs", "memory", "state"], rows)
}

/// The `CUDA_VISIBLE_DEVICES` of a worker, asked within its process.
#[pyfunction]
pub fn visible_devices(worker: &Worker) -> PyResult<String> {
    let mask = protoplast_host::parent_variable(CUDA_VARIABLE)?;
    Ok(planner::visible_devices(&worker.0, mask.as_deref()).map_err(CoreError::from)?)
}

/// The variable in which a process finds the GPUs that it may use.
pub const CUDA_VARIABLE: &str = "CUDA_VISIBLE_DEVICES";

#[pyfunction]
pub fn retry_after_s(failures: u32) -> u64 {
    protoplast_layout::retry_after_s(failures)
}
