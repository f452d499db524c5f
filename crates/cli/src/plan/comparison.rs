use protoplast_planner::{
    FoldedNodes, Node, PRESTARTED_START_CPU_MS, Plan, Resources, WORKER_PRIVATE_BYTES, Worker,
    fold_nodes, start_cpu_ms,
};
use serde::Serialize;

/// Compares a plan with stock Daft, which starts one worker for each node that can hold one.
pub(crate) struct Comparison<'a> {
    pub(crate) plan: &'a Plan,
    /// The nodes, folded if they look the same.
    pub(crate) groups: Vec<FoldedNodes<'a>>,
    pub(crate) stock: Total,
    pub(crate) planned: Total,
    /// What live nodes have and no worker of the plan has.
    pub(crate) left_over: Resources,
}

/// All workers together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Total {
    pub(crate) workers: usize,
    #[serde(flatten)]
    pub(crate) amounts: Resources,
    /// The private memory of the workers, in bytes; None if all are Daft's own, which they are compared with.
    pub(crate) private_bytes: Option<u64>,
    /// The CPU time that the workers need to start, in milliseconds.
    pub(crate) start_cpu_ms: u64,
}

impl<'a> Comparison<'a> {
    /// Compares a plan for all of these nodes.
    pub(crate) fn new(nodes: &'a [Node], plan: &'a Plan) -> Self {
        let planned = Total::of(&plan.workers);
        let live: Resources = nodes.iter().filter(|node| node.is_alive()).collect();
        Self {
            plan,
            groups: fold_nodes(nodes, plan),
            stock: Total::stock(nodes),
            planned,
            left_over: live.without(planned.amounts),
        }
    }
}

impl Total {
    fn of(workers: &[Worker]) -> Self {
        let own = workers.iter().filter(|worker| worker.node_layout.is_stock()).count() as u64;
        let others = workers.len() as u64 - own;
        Self {
            workers: workers.len(),
            amounts: workers.iter().collect(),
            private_bytes: Some(others * WORKER_PRIVATE_BYTES).filter(|bytes| *bytes > 0),
            start_cpu_ms: workers.iter().map(start_cpu_ms).sum(),
        }
    }

    fn stock(nodes: &[Node]) -> Self {
        let usable = nodes.iter().filter(|node| node.is_usable());
        let workers = usable.clone().count();
        Self {
            workers,
            amounts: usable.collect(),
            private_bytes: None,
            start_cpu_ms: workers as u64 * PRESTARTED_START_CPU_MS,
        }
    }
}
