use std::sync::Arc;

use crate::cluster::node::Node;
use crate::error::Error;
use crate::layout::rules::Layout;
use crate::placement::plan::{Plan, plan};

/// The workers that nodes lack, and the nodes that get none.
#[derive(Debug, Clone, PartialEq)]
pub struct Refresh {
    /// The workers to start, split between nodes.
    pub plans: Vec<Plan>,
    /// The nodes that cannot be planned, with the reason for each.
    pub left_out: Vec<(Arc<str>, Error)>,
}

/// Plans the workers that `nodes` should have under `layout` and do not have yet, in up to `most` parts.
///
/// If the nodes cannot be planned together, each is planned alone, and one that cannot be is left out: a node that
/// has just joined does not keep the others without workers.
pub fn refresh<S: AsRef<str>>(
    nodes: &[Node],
    layout: &Layout,
    existing: &[S],
    most: usize,
) -> Refresh {
    if let Ok(plan) = plan(nodes, layout, existing) {
        return Refresh { plans: plan.by_node(most), left_out: Vec::new() };
    }
    let mut refresh = Refresh { plans: Vec::new(), left_out: Vec::new() };
    for node in nodes {
        match plan(std::slice::from_ref(node), layout, existing) {
            Ok(plan) => refresh.plans.extend(plan.by_node(1)),
            Err(error) => refresh.left_out.push((Arc::clone(node.id()), error)),
        }
    }
    refresh
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::node_record::NodeRecord;

    #[test]
    fn a_node_that_cannot_be_planned_is_left_out() {
        let node = |id: &str, memory: f64| {
            Node::try_from(NodeRecord::new(id, 2.0, 0.0, memory)).expect("valid")
        };
        let nodes = [node("a", 1e10), node("small", 1e6), node("b", 1e10)];
        let layout = Layout::default();
        let found = refresh(&nodes, &layout, &["a_cpu_0"], 9);
        let ids: Vec<Vec<_>> = found
            .plans
            .iter()
            .map(|plan| plan.workers.iter().map(|worker| &*worker.worker_id).collect())
            .collect();
        assert_eq!(ids, [vec!["a_cpu_1"], vec!["b_cpu_0", "b_cpu_1"]]);
        let [(id, error)] = &found.left_out[..] else { panic!("{found:?}") };
        assert_eq!(&**id, "small");
        assert!(matches!(error, Error::WorkersTooSmall { .. }), "{error}");
        let all = refresh(&nodes[..1], &layout, &["a_cpu_0", "a_cpu_1"], 9);
        assert_eq!(all, Refresh { plans: Vec::new(), left_out: Vec::new() });
    }
}
