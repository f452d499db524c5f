use hashbrown::HashMap;

use crate::bytes::bytes;
use crate::cluster::node::Node;
use crate::cluster::resources::Resources;
use crate::layout::node_layout::NodeLayout;
use crate::placement::plan::Plan;
use crate::placement::worker::Worker;
use crate::placement::worker_id::split_cpu;

/// Nodes that look the same, down to their workers: no shown figure differs.
#[derive(Debug, Clone)]
pub struct FoldedNodes<'a> {
    /// The nodes, at least one, in the order of the cluster.
    pub nodes: Vec<&'a Node>,
    /// The workers of the first node.
    pub workers: &'a [Worker],
}

/// Neighbouring workers of a node that look the same.
#[derive(Debug, Clone, Copy)]
pub struct FoldedWorkers<'a> {
    /// The first worker.
    pub worker: &'a Worker,
    /// How many workers there are.
    pub count: u32,
}

/// What is shown of a node, with memory as it is printed.
#[derive(PartialEq, Eq, Hash)]
struct Look {
    is_alive: bool,
    amounts: String,
    numa: Vec<(u32, u32, String)>,
    workers: Vec<FoldLook>,
}

/// What is shown of neighbouring workers that look the same.
#[derive(PartialEq, Eq, Hash)]
struct FoldLook {
    count: u32,
    first_cpu: Option<u32>,
    amounts: String,
    numa: Option<u32>,
    node_layout: NodeLayout,
}

/// Folds the nodes that look the same under a plan, in the order of the first node of each group.
pub fn fold_nodes<'a>(nodes: &'a [Node], plan: &'a Plan) -> Vec<FoldedNodes<'a>> {
    let by_node: HashMap<&str, &[Worker]> = plan
        .workers
        .chunk_by(|one, next| one.node_id == next.node_id)
        .filter_map(|workers| Some((&*workers.first()?.node_id, workers)))
        .collect();
    let mut places: HashMap<Look, usize> = HashMap::new();
    let mut all: Vec<FoldedNodes<'a>> = Vec::new();
    for node in nodes {
        let workers =
            by_node.get(&**node.id()).copied().filter(|_| node.is_usable()).unwrap_or_default();
        let place = *places.entry(Look::of(node, workers)).or_insert(all.len());
        match all.get_mut(place) {
            Some(found) => found.nodes.push(node),
            None => all.push(FoldedNodes { nodes: vec![node], workers }),
        }
    }
    all
}

/// Folds neighbouring workers that look the same.
pub fn fold_workers(workers: &[Worker]) -> Vec<FoldedWorkers<'_>> {
    let mut all: Vec<FoldedWorkers<'_>> = Vec::new();
    for pair in std::iter::once(None).chain(workers.iter().map(Some)).zip(workers) {
        match (pair, all.last_mut()) {
            ((Some(last), worker), Some(run)) if follows(last, worker) => run.count += 1,
            ((_, worker), _) => all.push(FoldedWorkers { worker, count: 1 }),
        }
    }
    all
}

/// Whether a worker looks the same as the previous one and has the CPUs after it.
fn follows(last: &Worker, worker: &Worker) -> bool {
    last.cpus == worker.cpus
        && last.gpus == worker.gpus
        && last.memory_bytes == worker.memory_bytes
        && last.threads == worker.threads
        && last.numa == worker.numa
        && last
            .first_cpu()
            .zip(worker.first_cpu())
            .is_some_and(|(one, next)| one + last.cpus == next)
}

impl FoldedNodes<'_> {
    /// What the first node has that none of its workers has.
    pub fn left_over(&self) -> Resources {
        let has: Resources = self.nodes.iter().take(1).copied().collect();
        has.without(self.workers.iter().collect())
    }
}

impl Worker {
    /// The worker's first CPU, counted from 0 on its node; None if it has the whole node.
    pub fn first_cpu(&self) -> Option<u32> {
        split_cpu(&self.worker_id).filter(|(node, _)| *node == &*self.node_id).map(|(_, cpu)| cpu)
    }
}

impl Look {
    fn of(node: &Node, workers: &[Worker]) -> Self {
        let numa = node.numa().iter().map(|numa| (numa.id, numa.cpus, bytes(numa.memory_bytes)));
        let workers =
            fold_workers(workers).into_iter().map(|FoldedWorkers { worker, count }| FoldLook {
                count,
                first_cpu: worker.first_cpu(),
                amounts: Resources::from(worker).to_string(),
                numa: worker.numa,
                node_layout: worker.node_layout.clone(),
            });
        Self {
            is_alive: node.is_alive(),
            amounts: Resources::from(node).to_string(),
            numa: numa.collect(),
            workers: workers.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::node_record::NodeRecord;
    use crate::placement::plan::plan;

    fn node(id: &str, cpus: f64, gpus: f64, memory: f64) -> Node {
        Node::try_from(NodeRecord::new(id, cpus, gpus, memory)).expect("valid")
    }

    fn planned(layout: &str, nodes: &[Node], existing: &[&str]) -> Plan {
        plan(nodes, &layout.parse().expect(layout), existing).expect("plan")
    }

    fn folded(nodes: &[Node], plan: &Plan) -> Vec<(usize, usize)> {
        let all = fold_nodes(nodes, plan);
        all.iter().map(|group| (group.nodes.len(), group.workers.len())).collect()
    }

    #[test]
    fn nodes_are_folded_if_no_shown_figure_differs() {
        let nodes = [
            node("a", 8.0, 2.0, 32e9),
            node("b", 4.0, 0.0, 32e9),
            node("c", 8.0, 2.0, 32e9 + 4096.0),
            node("d", 8.0, 2.0, 64e9),
            Node::try_from(NodeRecord { alive: false, ..NodeRecord::new("e", 8.0, 2.0, 32e9) })
                .expect("valid"),
        ];
        let all = planned("per-core", &nodes, &[]);
        assert_eq!(folded(&nodes, &all), [(2, 8), (1, 4), (1, 8), (1, 0)]);
        let rules = planned("id=c -> per-node; * -> per-core", &nodes, &[]);
        assert_eq!(folded(&nodes, &rules), [(1, 8), (1, 4), (1, 1), (1, 8), (1, 0)]);
        let partial = planned("per-core", &nodes, &["a_cpu_3"]);
        assert_eq!(folded(&nodes, &partial), [(1, 7), (1, 4), (1, 8), (1, 8), (1, 0)]);
        assert_eq!(folded(&[], &planned("per-core", &[], &[])), []);
    }

    #[test]
    fn neighbouring_workers_that_look_the_same_are_folded() {
        let counts = |layout: &str, existing: &[&str]| -> Vec<(u32, Option<u32>)> {
            let plan = planned(layout, &[node("a", 8.0, 2.0, 32e9)], existing);
            let all = fold_workers(&plan.workers);
            all.iter().map(|run| (run.count, run.worker.first_cpu())).collect()
        };
        assert_eq!(counts("per-core", &[]), [(1, Some(0)), (7, Some(1))]);
        assert_eq!(counts("per-core", &["a_cpu_4"]), [(1, Some(0)), (3, Some(1)), (3, Some(5))]);
        assert_eq!(counts("cpus-per-worker=3,gpus=spread", &[]), [(2, Some(0)), (1, Some(6))]);
        assert_eq!(counts("per-node", &[]), [(1, None)]);
    }

    #[test]
    fn resources_of_no_worker_are_left_over() {
        let nodes = [node("a", 8.0, 2.0, 32e9)];
        let plan = planned("per-core,max-workers=3,memory=0.75", &nodes, &[]);
        let left = fold_nodes(&nodes, &plan).first().map(FoldedNodes::left_over);
        assert_eq!(left, Some(Resources { cpus: 5, gpus: 0, memory_bytes: 8_000_000_000 }));
    }
}
