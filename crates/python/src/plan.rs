use std::sync::Arc;

use protoplast_planner as planner;
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyDict};

use crate::error::CoreError;
use crate::layout::{Layout, as_layout};
use crate::node;
use crate::worker::Worker;

/// The workers that a layout gives a cluster.
#[pyclass(frozen, eq, module = "protoplast")]
pub struct Plan {
    plan: planner::Plan,
    /// The nodes that the plan was made for, which a picture shows with their workers.
    nodes: Arc<[planner::Node]>,
}

impl PartialEq for Plan {
    fn eq(&self, other: &Self) -> bool {
        self.plan == other.plan
    }
}

#[pymethods]
impl Plan {
    #[getter]
    fn layout(&self) -> Layout {
        Layout(self.plan.layout.clone())
    }

    #[getter]
    fn workers(&self) -> Vec<Worker> {
        self.plan.workers.iter().cloned().map(Worker).collect()
    }

    fn startup_timeout_s(&self, own: u64) -> u64 {
        self.plan.startup_timeout_s(own)
    }

    fn by_startup(&self) -> (Self, Self) {
        let (before, beside) = self.plan.by_startup();
        (self.part(before), self.part(beside))
    }

    fn only(&self, worker_ids: Vec<String>) -> Self {
        self.part(self.plan.only(&worker_ids))
    }

    fn covers(&self, bundles: Vec<Bound<'_, PyDict>>) -> PyResult<bool> {
        let mut asked: Vec<(String, f64)> = Vec::new();
        for bundle in bundles {
            for (resource, amount) in bundle {
                asked.push((resource.extract()?, amount.extract()?));
            }
        }
        Ok(self.plan.covers(asked.iter().map(|(resource, amount)| (resource.as_str(), *amount))))
    }

    fn in_waves(&self) -> Vec<Self> {
        self.plan.in_waves().into_iter().map(|part| self.part(part)).collect()
    }

    fn by_node(&self, most: usize) -> Vec<Self> {
        self.plan.by_node(most).into_iter().map(|part| self.part(part)).collect()
    }

    fn to_json(&self) -> String {
        self.plan.to_json()
    }

    fn to_svg(&self, py: Python<'_>) -> String {
        py.detach(|| planner::to_svg(&self.plan, &self.nodes))
    }

    fn _repr_svg_(&self, py: Python<'_>) -> String {
        self.to_svg(py)
    }

    fn __len__(&self) -> usize {
        self.plan.workers.len()
    }

    fn __str__(&self) -> String {
        self.plan.to_string()
    }

    fn __repr__(&self) -> String {
        format!("<Plan {}, {} workers>", self.plan.layout, self.plan.workers.len())
    }
}

impl Plan {
    /// Makes a plan for the same nodes.
    fn part(&self, plan: planner::Plan) -> Self {
        Self { plan, nodes: Arc::clone(&self.nodes) }
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
    let plan = py.detach(|| planner::plan(&nodes, &layout, &existing))?;
    Ok(Plan { plan, nodes: nodes.into() })
}

/// A node that gets no workers, by its id if it has one, and why.
type LeftOut = (Option<String>, String);

#[pyfunction]
pub fn refresh(
    layout: &Bound<'_, PyAny>,
    nodes: &Bound<'_, PyAny>,
    existing_ids: Vec<String>,
    most: usize,
) -> Result<(Vec<Plan>, Vec<LeftOut>), CoreError> {
    let layout = as_layout(layout)?.0;
    let (nodes, mut left_out) = node::valid_nodes(nodes)?;
    let planner::Refresh { plans, left_out: not_planned } =
        planner::refresh(&nodes, &layout, &existing_ids, most);
    left_out.extend(not_planned.iter().map(|(id, why)| (Some(id.to_string()), why.to_string())));
    let nodes: Arc<[planner::Node]> = nodes.into();
    let of_nodes = |plan| Plan { plan, nodes: Arc::clone(&nodes) };
    Ok((plans.into_iter().map(of_nodes).collect(), left_out))
}

#[pyfunction]
pub fn in_groups(workers: Vec<Worker>, fleet_workers: u64) -> Vec<Vec<String>> {
    let workers: Vec<_> = workers.into_iter().map(|worker| worker.0).collect();
    let ids =
        |group: Vec<planner::Worker>| group.into_iter().map(|worker| worker.worker_id).collect();
    planner::in_groups(&workers, fleet_workers).into_iter().map(ids).collect()
}

#[pyfunction]
pub fn check_created(
    plan: &Bound<'_, Plan>,
    created: Vec<Worker>,
    registered: Vec<Worker>,
) -> Result<(), CoreError> {
    let plan = &plan.get().plan;
    let inner =
        |workers: Vec<Worker>| workers.into_iter().map(|worker| worker.0).collect::<Vec<_>>();
    Ok(planner::check_created(&plan.layout, &plan.workers, &inner(created), &inner(registered))?)
}

#[pyfunction]
pub fn unpinned_nodes(
    plan: &Bound<'_, Plan>,
    nodes: &Bound<'_, PyAny>,
) -> Result<Vec<String>, CoreError> {
    let (nodes, _) = node::valid_nodes(nodes)?;
    let found = planner::unpinned_nodes(&plan.get().plan, &nodes)?;
    Ok(found.iter().map(ToString::to_string).collect())
}
