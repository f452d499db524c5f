use std::sync::Arc;

use hashbrown::HashMap;
use serde::Serialize;

use crate::error::Error;
use crate::existing::{Existing, cpu_worker_id};
use crate::layout::{Gpus, Kind, Layout};
use crate::node::Node;

/// The wait for each further worker of a node, in seconds. A worker takes 1.2 CPU-seconds to start
/// (measured on Daft 0.7.26, Ray 2.60.0).
const FURTHER_WORKER_S: u64 = 2;

/// One worker: a process of Daft's with its share of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Worker {
    /// `{NodeID}_cpu_{cpu_index}`, where the index is that of the worker's first CPU, counted from 0;
    /// the `NodeID` itself under `per-node`, which is Daft's own id for its one worker.
    pub worker_id: String,
    /// The node that it runs on.
    pub node_id: Arc<str>,
    /// Whole CPUs.
    pub cpus: u32,
    /// Whole GPUs.
    pub gpus: u32,
    /// The first of them, counted from 0 on the node; 0 where it has none.
    pub first_gpu: u32,
    /// Memory in bytes.
    pub memory_bytes: u64,
}

/// The workers that a layout gives a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The layout.
    pub layout: Layout,
    /// Its workers: node by node in the order of the nodes, within a node by first CPU.
    pub workers: Vec<Worker>,
}

impl Plan {
    /// Splits the plan between nodes, into as many plans as nodes or `most`, whichever is fewer.
    pub fn by_node(&self, most: usize) -> Vec<Plan> {
        let mut parts: Vec<Plan> = Vec::new();
        let of_nodes = self.workers.chunk_by(|one, next| one.node_id == next.node_id);
        for (index, workers) in of_nodes.enumerate() {
            if index < most {
                parts.push(Plan { layout: self.layout, workers: workers.to_vec() });
            } else if let Some(part) = parts.get_mut(index % most.max(1)) {
                part.workers.extend_from_slice(workers);
            }
        }
        parts
    }

    /// How long Daft should wait for these workers to start, in seconds: its own patience for one worker
    /// a node, and a little more for each further one.
    pub fn startup_timeout_s(&self, own: u64) -> u64 {
        let mut counts: HashMap<&str, u64> = HashMap::new();
        for worker in &self.workers {
            *counts.entry(&worker.node_id).or_default() += 1;
        }
        let most = counts.into_values().max().unwrap_or(1);
        own.saturating_add(FURTHER_WORKER_S * (most - 1))
    }
}

/// Plans the workers that `nodes` should have under `layout` and do not have yet.
///
/// Nodes that are dead or have no whole CPU or no memory get none. Memory follows the CPUs that are given out and is floored, so the shares of a node never add
/// up to more than the node. Workers whose id is in `existing` are left out; the others keep the
/// shares that they would have had. The cost is linear in nodes, workers and existing ids.
///
/// # Errors
///
/// [`Error::DuplicateNode`] where workers could not be told apart, [`Error::TooLittleMemory`] where a
/// share would be less than a byte.
pub fn plan<S: AsRef<str>>(nodes: &[Node], layout: Layout, existing: &[S]) -> Result<Plan, Error> {
    let nodes: Vec<&Node> = nodes.iter().filter(|node| node.is_usable()).collect();
    let mut places = HashMap::with_capacity(nodes.len());
    for (place, node) in nodes.iter().enumerate() {
        if places.insert(&**node.id(), place).is_some() {
            return Err(Error::DuplicateNode { id: node.id().to_string() });
        }
    }
    let whole_nodes = layout.kind() == Kind::PerNode;
    let existing = Existing::new(whole_nodes, &nodes, &places, existing);
    let mut workers = Vec::new();
    for (place, node) in nodes.iter().enumerate() {
        plan_node(node, layout, place, &existing, &mut workers)?;
    }
    Ok(Plan { layout, workers })
}

fn plan_node(
    node: &Node,
    layout: Layout,
    place: usize,
    existing: &Existing,
    workers: &mut Vec<Worker>,
) -> Result<(), Error> {
    let cut = Cut::new(node.cpus(), layout);
    let given_out = cut.start(cut.workers);
    let memory_of =
        |cpus: u32| u128::from(node.memory_bytes()) * u128::from(cpus) / u128::from(given_out);
    // No worker is narrower than the last one.
    if memory_of(given_out - cut.start(cut.workers - 1)) == 0 {
        return Err(Error::TooLittleMemory {
            node: node.id().to_string(),
            memory_bytes: node.memory_bytes(),
            workers: cut.workers,
        });
    }
    let whole_node = layout.kind() == Kind::PerNode;
    let gpus = match layout.gpus() {
        Gpus::First => Cut::evenly(1, node.gpus()),
        Gpus::Spread => Cut::evenly(cut.workers, node.gpus()),
    };
    for index in 0..cut.workers {
        let first_cpu = cut.start(index);
        if existing.contains(place, first_cpu) {
            continue;
        }
        let cpus = cut.start(index + 1) - first_cpu;
        let first_gpu = gpus.start(index);
        let gpus = gpus.start(index + 1) - first_gpu;
        workers.push(Worker {
            worker_id: if whole_node {
                node.id().to_string()
            } else {
                cpu_worker_id(node.id(), first_cpu)
            },
            node_id: Arc::clone(node.id()),
            cpus,
            gpus,
            first_gpu: if gpus == 0 { 0 } else { first_gpu },
            // A share of a u64 is a u64.
            memory_bytes: u64::try_from(memory_of(cpus)).unwrap_or(u64::MAX),
        });
    }
    Ok(())
}

/// How the CPUs or GPUs of one node are cut into runs of neighbours, one for each worker.
struct Cut {
    workers: u32,
    width: u32,
    /// How many workers, from the first on, have one more than `width`.
    wider: u32,
    /// Where the last one given out ends.
    end: u32,
}

impl Cut {
    fn new(cpus: u32, layout: Layout) -> Self {
        let capped =
            |workers: u32| layout.max_workers().map_or(workers, |max| workers.min(max.get()));
        match layout.kind() {
            Kind::PerCore => Self::of_width(capped(cpus), 1, cpus),
            Kind::CpusPerWorker(width) => {
                Self::of_width(capped(cpus.div_ceil(width.get())), width.get(), cpus)
            }
            Kind::PerNode => Self::evenly(1, cpus),
            Kind::WorkersPerNode(workers) => Self::evenly(capped(workers.get().min(cpus)), cpus),
        }
    }

    fn of_width(workers: u32, width: u32, count: u32) -> Self {
        Self { workers, width, wider: 0, end: count }
    }

    fn evenly(workers: u32, count: u32) -> Self {
        Self { workers, width: count / workers, wider: count % workers, end: count }
    }

    /// Where the run of worker `index` starts; that of the one after the last is where the last one ends.
    fn start(&self, index: u32) -> u32 {
        index.saturating_mul(self.width).saturating_add(index.min(self.wider)).min(self.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GB: u64 = 1_000_000_000;
    const NONE: &[&str] = &[];

    fn node(id: &str, cpus: u32, gpus: u32, memory: u64) -> Node {
        Node::new(id, true, false, cpus.into(), gpus.into(), memory as f64).expect("valid node")
    }

    fn workers(text: &str, nodes: &[Node], existing: &[&str]) -> Vec<Worker> {
        plan(nodes, text.parse().expect("valid layout"), existing).expect("plan").workers
    }

    fn cpus(text: &str, cpus: u32) -> Vec<u32> {
        workers(text, &[node("n", cpus, 0, GB)], NONE).iter().map(|worker| worker.cpus).collect()
    }

    #[test]
    fn the_contracts_table_holds() {
        let nodes = [node("n", 8, 2, 32 * GB)];
        let patched = workers("per-core", &nodes, NONE);
        assert_eq!(patched.len(), 8);
        for (index, worker) in patched.iter().enumerate() {
            assert_eq!(worker.worker_id, format!("n_cpu_{index}"));
            assert_eq!(&*worker.node_id, "n");
            assert_eq!(worker.cpus, 1);
            assert_eq!(worker.gpus, if index == 0 { 2 } else { 0 });
            assert_eq!(worker.memory_bytes, 4 * GB);
        }
        let stock = workers("per-node", &nodes, NONE);
        assert_eq!(stock.len(), 1);
        assert_eq!((stock[0].worker_id.as_str(), stock[0].cpus, stock[0].gpus), ("n", 8, 2));
        assert_eq!(stock[0].memory_bytes, 32 * GB);
    }

    #[test]
    fn each_kind_cuts_a_node_as_it_says() {
        assert_eq!(cpus("per-node", 10), [10]);
        assert_eq!(cpus("cpus-per-worker=4", 10), [4, 4, 2]);
        assert_eq!(cpus("cpus-per-worker=4", 3), [3]);
        assert_eq!(cpus("workers-per-node=4", 10), [3, 3, 2, 2]);
        assert_eq!(cpus("workers-per-node=8", 3), [1, 1, 1]);
        assert_eq!(cpus("per-core,max-workers=3", 10), [1, 1, 1]);
        assert_eq!(cpus("cpus-per-worker=4,max-workers=2", 10), [4, 4]);
        assert_eq!(cpus("workers-per-node=8,max-workers=2", 10), [5, 5]);
        assert_eq!(cpus("per-node,max-workers=5", 10), [10]);
        assert_eq!(cpus("cpus-per-worker=65536", 65_536), [65_536]);
    }

    #[test]
    fn ids_carry_the_first_cpu() {
        let ids: Vec<_> = workers("cpus-per-worker=4", &[node("n", 10, 0, GB)], NONE)
            .into_iter()
            .map(|worker| worker.worker_id)
            .collect();
        assert_eq!(ids, ["n_cpu_0", "n_cpu_4", "n_cpu_8"]);
    }

    #[test]
    fn memory_follows_the_cpus() {
        let memory: Vec<_> = workers("cpus-per-worker=4", &[node("n", 10, 0, 1000)], NONE)
            .iter()
            .map(|worker| worker.memory_bytes)
            .collect();
        assert_eq!(memory, [400, 400, 200]);
        assert_eq!(
            workers("per-core,max-workers=2", &[node("n", 10, 0, 1000)], NONE)[0].memory_bytes,
            500
        );
    }

    #[test]
    fn gpus_are_spread_where_that_is_asked() {
        let gpus = |text: &str, gpus: u32| -> Vec<(u32, u32)> {
            workers(text, &[node("n", 4, gpus, GB)], NONE)
                .iter()
                .map(|worker| (worker.first_gpu, worker.gpus))
                .collect()
        };
        assert_eq!(gpus("per-core,gpus=spread", 2), [(0, 1), (1, 1), (0, 0), (0, 0)]);
        assert_eq!(gpus("cpus-per-worker=2,gpus=spread", 3), [(0, 2), (2, 1)]);
        assert_eq!(gpus("per-core,max-workers=1,gpus=spread", 3), [(0, 3)]);
        assert_eq!(gpus("per-core", 2), [(0, 2), (0, 0), (0, 0), (0, 0)]);
    }

    #[test]
    fn what_exists_is_left_out_and_the_rest_keeps_its_share() {
        let nodes = [node("a", 2, 1, 100), node("b", 2, 1, 100)];
        let left =
            workers("per-core", &nodes, &["b_cpu_1", "a_cpu_0", "a_cpu_9", "c_cpu_0", "a", ""]);
        let ids: Vec<_> = left.iter().map(|worker| worker.worker_id.as_str()).collect();
        assert_eq!(ids, ["a_cpu_1", "b_cpu_0"]);
        assert_eq!((left[0].gpus, left[1].gpus, left[0].memory_bytes), (0, 1, 50));
        assert_eq!(workers("per-node", &nodes, &["a", "b_cpu_0"])[0].worker_id, "b");
    }

    #[test]
    fn more_workers_get_more_time_to_start() {
        let of =
            |cpus| plan::<&str>(&[node("n", cpus, 0, GB)], Layout::default(), &[]).expect("plan");
        assert_eq!(of(1).startup_timeout_s(120), 120);
        assert_eq!(of(16).startup_timeout_s(120), 150);
        assert_eq!(of(16).startup_timeout_s(u64::MAX), u64::MAX);
        assert_eq!(of(0).startup_timeout_s(7), 7);
    }

    #[test]
    fn a_plan_is_split_between_nodes() {
        let nodes = [node("a", 2, 0, 100), node("b", 1, 0, 100), node("c", 2, 0, 100)];
        let plan = plan::<&str>(&nodes, Layout::default(), &[]).expect("plan");
        let ids = |most| -> Vec<Vec<String>> {
            let parts = plan.by_node(most).into_iter();
            parts
                .map(|part| part.workers.into_iter().map(|worker| worker.worker_id).collect())
                .collect()
        };
        assert_eq!(
            ids(9),
            [vec!["a_cpu_0", "a_cpu_1"], vec!["b_cpu_0"], vec!["c_cpu_0", "c_cpu_1"]]
        );
        assert_eq!(ids(2), [vec!["a_cpu_0", "a_cpu_1", "c_cpu_0", "c_cpu_1"], vec!["b_cpu_0"]]);
        assert_eq!(ids(0), [[""; 0]; 0]);
    }

    #[test]
    fn unusable_nodes_get_none() {
        let dead = Node::new("d", false, false, 4.0, 0.0, 100.0).expect("valid");
        let nodes =
            [dead, node("no-cpu", 0, 0, 100), node("no-memory", 4, 0, 0), node("ok", 1, 0, 100)];
        assert_eq!(workers("per-core", &nodes, NONE).len(), 1);
        assert!(workers("per-core", &[], NONE).is_empty());
    }

    #[test]
    fn what_cannot_be_planned_is_an_error() {
        let twice = [node("a", 1, 0, 1), node("a", 1, 0, 1)];
        assert_eq!(
            plan(&twice, Layout::default(), NONE),
            Err(Error::DuplicateNode { id: "a".to_owned() })
        );
        let text =
            plan(&[node("a", 8, 0, 7)], Layout::default(), NONE).expect_err("no room").to_string();
        assert!(text.starts_with("node 'a' has 7 bytes of memory for 8 workers"), "{text}");
        // Two workers of 4 CPUs would have a byte each, the one of 2 none.
        let narrow =
            plan(&[node("a", 10, 0, 4)], "cpus-per-worker=4".parse().expect("valid"), NONE);
        assert!(matches!(narrow, Err(Error::TooLittleMemory { workers: 3, .. })), "{narrow:?}");
    }
}
