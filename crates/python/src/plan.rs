use protoplast_layout as planner;
use pyo3::prelude::*;
use pyo3::types::PyAny;

use crate::error::CoreError;
use crate::layout::{Layout, as_layout};
use crate::node;
use crate::worker::Worker;

/// The workers that a layout gives a cluster.
#[pyclass(frozen, eq, module = "protoplast")]
#[derive(PartialEq)]
pub struct Plan(planner::Plan);

#[pymethods]
impl Plan {
    #[getter]
    fn layout(&self) -> Layout {
        Layout(self.0.layout.clone())
    }

    #[getter]
    fn workers(&self) -> Vec<Worker> {
        self.0.workers.iter().cloned().map(Worker).collect()
    }

    fn startup_timeout_s(&self, own: u64) -> u64 {
        self.0.startup_timeout_s(own)
    }

    fn by_startup(&self) -> (Self, Self) {
        let (before, beside) = self.0.by_startup();
        (Self(before), Self(beside))
    }

    fn in_waves(&self) -> Vec<Self> {
        self.0.in_waves().into_iter().map(Self).collect()
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
    Ok(Plan(py.detach(|| planner::plan(&nodes, &layout, &existing))?))
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
    Ok(planner::verify(&plan.layout, &plan.workers, &inner(created), &inner(registered))?)
}
