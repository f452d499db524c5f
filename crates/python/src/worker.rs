use std::collections::{BTreeMap, HashMap};
use std::iter::repeat_n;

use protoplast_planner as planner;
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyType};

use crate::error::CoreError;
use crate::layout::{Layout, as_layout};

/// One worker: a Daft process with its share of a node.
#[pyclass(frozen, eq, module = "protoplast", from_py_object)]
#[derive(Clone, PartialEq)]
pub struct Worker(pub planner::Worker);

#[pymethods]
impl Worker {
    #[new]
    #[pyo3(signature = (worker_id, node_id, cpus, gpus, memory_bytes, first_gpu = 0, threads = None, numa = None, layout = None, index = 0, widths = None))]
    #[expect(clippy::too_many_arguments, reason = "they are the fields")]
    fn new(
        worker_id: String,
        node_id: &str,
        cpus: u32,
        gpus: u32,
        memory_bytes: u64,
        first_gpu: u32,
        threads: Option<u32>,
        numa: Option<u32>,
        layout: Option<&Bound<'_, PyAny>>,
        index: u32,
        widths: Option<Vec<u32>>,
    ) -> Result<Self, CoreError> {
        let layout = layout.map_or(Ok(Layout(planner::Layout::default())), as_layout)?;
        Ok(Self(planner::Worker {
            worker_id,
            node_id: node_id.into(),
            cpus,
            gpus,
            first_gpu,
            memory_bytes,
            threads: threads.unwrap_or(cpus),
            numa,
            index,
            widths: widths.unwrap_or_else(|| vec![cpus]).into(),
            node_layout: layout.0.as_rule()?,
        }))
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
    fn first_gpu(&self) -> u32 {
        self.0.first_gpu
    }

    #[getter]
    fn memory_bytes(&self) -> u64 {
        self.0.memory_bytes
    }

    #[getter]
    fn threads(&self) -> u32 {
        self.0.threads
    }

    #[getter]
    fn numa(&self) -> Option<u32> {
        self.0.numa
    }

    #[getter]
    fn index(&self) -> u32 {
        self.0.index
    }

    #[getter]
    fn widths(&self) -> &[u32] {
        &self.0.widths
    }

    #[getter]
    fn layout(&self) -> Layout {
        Layout(self.0.node_layout.clone().into())
    }

    #[getter]
    fn pin(&self) -> Option<&'static str> {
        self.0.pin().map(|pin| pin.to.keyword())
    }

    #[getter]
    fn pin_fallback(&self) -> bool {
        self.0.pin().is_some_and(|pin| pin.fallback)
    }

    #[getter]
    fn sees_own_gpus(&self) -> bool {
        self.0.sees_own_gpus()
    }

    fn unpinned(&self) -> Self {
        Self(self.0.clone().unpinned())
    }

    fn __repr__(&self) -> String {
        let planner::Worker { worker_id, node_id, cpus, gpus, first_gpu, memory_bytes, .. } =
            &self.0;
        let planner::Worker { threads, numa, index, widths, node_layout, .. } = &self.0;
        let numa = numa.map_or_else(|| "None".to_owned(), |numa| numa.to_string());
        let runs = equal_runs(widths).into_iter();
        let widths: Vec<_> =
            runs.map(|(workers, width)| format!("[{width}] * {workers}")).collect();
        let widths = if widths.is_empty() { "[]".to_owned() } else { widths.join(" + ") };
        format!(
            "Worker(worker_id='{worker_id}', node_id='{node_id}', cpus={cpus}, gpus={gpus}, \
             memory_bytes={memory_bytes}, first_gpu={first_gpu}, threads={threads}, numa={numa}, \
             layout='{node_layout}', index={index}, widths={widths})"
        )
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (WorkerFields,))> {
        let worker = self.0.clone();
        let fields = (
            worker.worker_id,
            worker.node_id.to_string(),
            worker.cpus,
            worker.gpus,
            worker.memory_bytes,
            worker.first_gpu,
            worker.threads,
            worker.numa,
            worker.node_layout.to_string(),
            worker.index,
            equal_runs(&worker.widths),
        );
        Ok((PyType::new::<Self>(py).getattr("_of_fields")?, (fields,)))
    }

    /// Makes a worker from what its pickle holds.
    #[staticmethod]
    fn _of_fields(fields: WorkerFields) -> Result<Self, CoreError> {
        let (
            worker_id,
            node_id,
            cpus,
            gpus,
            memory_bytes,
            first_gpu,
            threads,
            numa,
            layout,
            index,
            runs,
        ) = fields;
        let widths = runs.into_iter().flat_map(|(workers, width)| repeat_n(width, workers));
        Ok(Self(planner::Worker {
            worker_id,
            node_id: node_id.into(),
            cpus,
            gpus,
            first_gpu,
            memory_bytes,
            threads,
            numa,
            index,
            widths: widths.collect(),
            node_layout: layout.parse::<planner::Layout>()?.as_rule()?,
        }))
    }
}

/// What the pickle of a worker holds. The widths are runs of neighbours that are equally wide: a runner sends
/// all its workers to the driver before each query, and a node has as many widths as workers.
type WorkerFields =
    (String, String, u32, u32, u64, u32, u32, Option<u32>, String, u32, Vec<(usize, u32)>);

fn equal_runs(widths: &[u32]) -> Vec<(usize, u32)> {
    let runs = widths.chunk_by(|one, next| one == next);
    runs.filter_map(|run| Some((run.len(), *run.first()?))).collect()
}

/// The environment variables that a worker's process gets.
#[pyfunction]
pub fn environment(worker: &Worker) -> BTreeMap<&'static str, String> {
    planner::environment(&worker.0).into_iter().collect()
}

/// Whether a worker's environment can be set once its process runs.
#[pyfunction]
pub fn fits_prestarted_process(worker: &Worker) -> bool {
    planner::fits_prestarted_process(&worker.0)
}

/// Describes how a worker's memory limit differs from its share; None if it does not differ.
#[pyfunction]
pub fn memory_drift(worker: &Worker, variables: HashMap<String, String>) -> Option<String> {
    planner::memory_drift(&worker.0, &variables)
}

/// The `CUDA_VISIBLE_DEVICES` of a worker, computed within its process.
#[pyfunction]
pub fn visible_devices(worker: &Worker) -> Result<String, CoreError> {
    let mask = protoplast_host::parent_variable(&protoplast_host::Linux, CUDA_VARIABLE)?;
    Ok(planner::visible_devices(&worker.0, mask.as_deref())?)
}

/// The variable that lists the GPUs that a process may use.
pub const CUDA_VARIABLE: &str = "CUDA_VISIBLE_DEVICES";

#[pyfunction]
pub fn retry_after_s(failures: u32) -> u64 {
    planner::retry_after_s(failures)
}
