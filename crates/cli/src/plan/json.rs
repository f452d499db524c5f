use protoplast_planner::{FoldedNodes, FoldedWorkers, Resources, Worker, fold_workers};
use serde::Serialize;

use crate::plan::comparison::{Comparison, Total};

#[derive(Serialize)]
struct JsonComparison<'a> {
    layout: String,
    nodes: Vec<JsonGroup<'a>>,
    stock: Total,
    planned: Total,
    left_over: Resources,
    workers: &'a [Worker],
}

/// Nodes that look the same, with the workers of each.
#[derive(Serialize)]
struct JsonGroup<'a> {
    node_ids: Vec<&'a str>,
    alive: bool,
    #[serde(flatten)]
    amounts: Resources,
    layout: Option<String>,
    workers: Vec<JsonRun>,
    left_over: Resources,
}

/// Neighbouring workers of a node that look the same.
#[derive(Serialize)]
struct JsonRun {
    count: u32,
    #[serde(flatten)]
    amounts: Resources,
    numa: Option<u32>,
}

impl Comparison<'_> {
    /// The comparison as JSON. `layout` and `workers` are as in `Plan.to_json()`; nodes that look the same are
    /// folded, with the figures of the first one.
    pub(crate) fn to_json(&self) -> String {
        let comparison = JsonComparison {
            layout: self.plan.layout.to_string(),
            nodes: self.groups.iter().map(JsonGroup::from).collect(),
            stock: self.stock,
            planned: self.planned,
            left_over: self.left_over,
            workers: &self.plan.workers,
        };
        // Strings and integers always serialise.
        serde_json::to_string_pretty(&comparison).unwrap_or_default() + "\n"
    }
}

impl<'a> From<&FoldedNodes<'a>> for JsonGroup<'a> {
    fn from(group: &FoldedNodes<'a>) -> Self {
        Self {
            node_ids: group.nodes.iter().map(|node| &**node.id()).collect(),
            alive: group.nodes.iter().all(|node| node.is_alive()),
            amounts: group.nodes.iter().take(1).copied().collect(),
            layout: group.workers.first().map(|worker| worker.node_layout.to_string()),
            workers: fold_workers(group.workers).into_iter().map(JsonRun::from).collect(),
            left_over: group.left_over(),
        }
    }
}

impl From<FoldedWorkers<'_>> for JsonRun {
    fn from(run: FoldedWorkers<'_>) -> Self {
        Self { count: run.count, amounts: Resources::from(run.worker), numa: run.worker.numa }
    }
}
