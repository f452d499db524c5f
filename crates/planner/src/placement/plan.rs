use std::num::NonZeroU32;
use std::sync::Arc;

use hashbrown::{HashMap, HashSet};

use crate::cluster::node::Node;
use crate::error::Error;
use crate::layout::rules::Layout;
use crate::layout::startup::Startup;
use crate::measured::NEW_START_CPU_MS;
use crate::placement::existing::Existing;
use crate::placement::memory_share::MemoryShare;
use crate::placement::ranges::Ranges;
use crate::placement::targets::{Target, Targets};
use crate::placement::worker::Worker;
use crate::placement::worker_id::cpu_worker_id;

/// How much longer Daft waits for each further worker of a node, in seconds: the time that one start takes,
/// rounded up.
const FURTHER_WORKER_S: u64 = NEW_START_CPU_MS.div_ceil(1_000);

/// How many waves the workers of a node are started in while a query runs, and the fewest workers of a wave.
const WAVES: usize = 4;
const SMALLEST_WAVE: usize = 2;

/// The workers that a layout gives a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The layout.
    pub layout: Layout,
    /// The workers: node by node in the order of the nodes, and within a node by first CPU.
    pub workers: Vec<Worker>,
}

impl Plan {
    /// Splits the plan by nodes, into one plan per node but at most `most` plans.
    pub fn by_node(&self, most: usize) -> Vec<Plan> {
        let mut parts: Vec<Plan> = Vec::new();
        let of_nodes = self.workers.chunk_by(|one, next| one.node_id == next.node_id);
        for (index, workers) in of_nodes.enumerate() {
            if index < most {
                parts.push(Plan { layout: self.layout.clone(), workers: workers.to_vec() });
            } else if let Some(part) = parts.get_mut(index % most.max(1)) {
                part.workers.extend_from_slice(workers);
            }
        }
        parts
    }

    /// Returns the part of the plan that has these workers.
    pub fn only<S: AsRef<str>>(&self, worker_ids: &[S]) -> Plan {
        let wanted: HashSet<&str> = worker_ids.iter().map(AsRef::as_ref).collect();
        let workers = self.workers.iter().filter(|worker| wanted.contains(&*worker.worker_id));
        Plan { layout: self.layout.clone(), workers: workers.cloned().collect() }
    }

    /// Splits the plan into the workers to start before a query runs, and those to start while it runs: all but
    /// the first worker of each node that starts progressively.
    pub fn by_startup(&self) -> (Plan, Plan) {
        let mut last: Option<&str> = None;
        let (before, beside) =
            self.workers.iter().cloned().zip(&self.workers).partition::<Vec<_>, _>(
                |(_, worker)| {
                    let is_first = last.replace(&worker.node_id) != Some(&worker.node_id);
                    is_first || worker.node_layout.startup() == Startup::Eager
                },
            );
        let of = |workers: Vec<(Worker, _)>| Plan {
            layout: self.layout.clone(),
            workers: workers.into_iter().map(|(worker, _)| worker).collect(),
        };
        (of(before), of(beside))
    }

    /// Splits the plan into waves to be started one after the other, each with about a quarter of every node's
    /// workers: a start keeps a core busy for about a second, while a query runs.
    pub fn in_waves(&self) -> Vec<Plan> {
        let mut waves: Vec<Plan> = Vec::new();
        for workers in self.workers.chunk_by(|one, next| one.node_id == next.node_id) {
            let size = workers.len().div_ceil(WAVES).max(SMALLEST_WAVE);
            for (index, wave) in workers.chunks(size).enumerate() {
                if index == waves.len() {
                    waves.push(Plan { layout: self.layout.clone(), workers: Vec::new() });
                }
                if let Some(of_all_nodes) = waves.get_mut(index) {
                    of_all_nodes.workers.extend_from_slice(wave);
                }
            }
        }
        waves
    }

    /// How long Daft should wait for these workers to start, in seconds: Daft's own timeout, which is meant for
    /// one worker per node, and a little more for each further worker of a node.
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
/// Nodes that are dead or have no whole CPU or no memory get no workers. Memory is shared in proportion to each
/// worker's CPUs and rounded down, so the shares of a node never add up to more than the node's memory
/// fraction. Workers whose id is in `existing` are left out; the other workers keep the shares that they would
/// have had. The cost is linear in nodes, workers and existing ids.
///
/// # Errors
///
/// [`Error::DuplicateNode`] and [`Error::AmbiguousWorker`] if two workers would have the same id,
/// [`Error::WorkersTooSmall`] and [`Error::TooManyWorkers`] if a node cannot hold its workers, and
/// [`Error::NoNumaNodes`] if a node's NUMA nodes are unknown under `per-numa`.
pub fn plan<S: AsRef<str>>(nodes: &[Node], layout: &Layout, existing: &[S]) -> Result<Plan, Error> {
    let targets = Targets::new(nodes, layout)?;
    let existing = Existing::new(&targets, existing);
    let mut workers = Vec::new();
    for (index, target) in targets.all.iter().enumerate() {
        plan_node(target, |cpu| existing.contains(index, cpu), &mut workers)?;
    }
    Ok(Plan { layout: layout.clone(), workers })
}

/// Checks that the nodes can be planned, without making their workers.
///
/// # Errors
///
/// The errors of [`plan`].
pub(crate) fn check(nodes: &[Node], layout: &Layout) -> Result<(), Error> {
    for Target { node, node_layout } in Targets::new(nodes, layout)?.all {
        MemoryShare::new(node, &node_layout, &Ranges::of_cpus(node, &node_layout)?)?;
    }
    Ok(())
}

/// Plans the workers of a node that do not exist yet.
fn plan_node(
    target: &Target<'_>,
    exists: impl Fn(u32) -> bool,
    workers: &mut Vec<Worker>,
) -> Result<(), Error> {
    let Target { node, node_layout } = target;
    let cpus = Ranges::of_cpus(node, node_layout)?;
    let gpus = Ranges::of_gpus(node, node_layout, cpus.workers());
    let share = MemoryShare::new(node, node_layout, &cpus)?;
    let widths: Arc<[u32]> =
        (0..cpus.workers()).map(|index| cpus.start(index + 1) - cpus.start(index)).collect();
    for index in 0..cpus.workers() {
        let first_cpu = cpus.start(index);
        if exists(first_cpu) {
            continue;
        }
        let cpu_count = cpus.start(index + 1) - first_cpu;
        let first_gpu = gpus.start(index);
        let gpu_count = gpus.start(index + 1) - first_gpu;
        workers.push(Worker {
            worker_id: if node_layout.is_whole_node() {
                node.id().to_string()
            } else {
                cpu_worker_id(node.id(), first_cpu)
            },
            node_id: Arc::clone(node.id()),
            cpus: cpu_count,
            gpus: gpu_count,
            first_gpu: if gpu_count == 0 { 0 } else { first_gpu },
            memory_bytes: share.share_bytes(cpu_count),
            threads: node_layout.threads().map_or(cpu_count, NonZeroU32::get),
            numa: cpus.numa(index),
            index,
            widths: Arc::clone(&widths),
            node_layout: node_layout.clone(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::node_record::NodeRecord;

    const GB: u64 = 1_000_000_000;
    const NONE: &[&str] = &[];

    fn node(id: &str, cpus: u32, gpus: u32, memory: u64) -> Node {
        Node::try_from(NodeRecord::new(id, cpus.into(), gpus.into(), memory as f64))
            .expect("valid node")
    }

    fn workers(text: &str, nodes: &[Node], existing: &[&str]) -> Vec<Worker> {
        plan(nodes, &text.parse().expect("valid layout"), existing).expect("plan").workers
    }

    fn cpus(text: &str, cpus: u32) -> Vec<u32> {
        workers(text, &[node("n", cpus, 0, 10_000 * GB)], NONE)
            .iter()
            .map(|worker| worker.cpus)
            .collect()
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
    fn each_kind_divides_a_node_as_documented() {
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
    fn a_progressive_start_begins_with_the_first_worker_of_each_node() {
        let nodes = [node("a", 3, 0, GB), node("b", 2, 0, GB)];
        let split = |layout: &str| {
            let plan = plan(&nodes, &layout.parse().expect("valid"), NONE).expect("plan");
            let (before, beside) = plan.by_startup();
            let ids = |plan: Plan| -> Vec<_> {
                plan.workers.into_iter().map(|worker| worker.worker_id).collect()
            };
            (ids(before), ids(beside))
        };
        let (before, beside) = split("per-core,startup=progressive");
        assert_eq!(before, ["a_cpu_0", "b_cpu_0"]);
        assert_eq!(beside, ["a_cpu_1", "a_cpu_2", "b_cpu_1"]);
        let (before, beside) = split("id=a -> per-core; * -> per-core,startup=progressive");
        assert_eq!(before, ["a_cpu_0", "a_cpu_1", "a_cpu_2", "b_cpu_0"]);
        assert_eq!(beside, ["b_cpu_1"]);
    }

    #[test]
    fn waves_have_a_quarter_of_every_node() {
        let nodes = [node("a", 16, 0, 100 * GB), node("b", 3, 0, 100 * GB)];
        let plan = plan(&nodes, &Layout::default(), NONE).expect("plan");
        let waves: Vec<Vec<_>> = plan
            .in_waves()
            .into_iter()
            .map(|wave| wave.workers.into_iter().map(|worker| worker.worker_id).collect())
            .collect();
        assert_eq!(waves.len(), 4);
        assert_eq!(waves[0], ["a_cpu_0", "a_cpu_1", "a_cpu_2", "a_cpu_3", "b_cpu_0", "b_cpu_1"]);
        assert_eq!(waves[1][4..], ["b_cpu_2"]);
        assert_eq!(waves[3].len(), 4);
        assert_eq!(waves.concat().len(), plan.workers.len());
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
        let memory: Vec<_> = workers("cpus-per-worker=4", &[node("n", 10, 0, 1000 * GB)], NONE)
            .iter()
            .map(|worker| worker.memory_bytes)
            .collect();
        assert_eq!(memory, [400 * GB, 400 * GB, 200 * GB]);
        assert_eq!(
            workers("per-core,max-workers=2", &[node("n", 10, 0, 1000 * GB)], NONE)[0].memory_bytes,
            500 * GB
        );
    }

    #[test]
    fn gpus_are_spread_on_request() {
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
    fn existing_workers_are_left_out_and_the_others_keep_their_shares() {
        let nodes = [node("a", 2, 1, 100 * GB), node("b", 2, 1, 100 * GB)];
        let left =
            workers("per-core", &nodes, &["b_cpu_1", "a_cpu_0", "a_cpu_9", "c_cpu_0", "a", ""]);
        let ids: Vec<_> = left.iter().map(|worker| worker.worker_id.as_str()).collect();
        assert_eq!(ids, ["a_cpu_1", "b_cpu_0"]);
        assert_eq!((left[0].gpus, left[1].gpus, left[0].memory_bytes), (0, 1, 50 * GB));
        assert_eq!(workers("per-node", &nodes, &["a", "b_cpu_0"])[0].worker_id, "b");
    }

    #[test]
    fn more_workers_get_more_time_to_start() {
        let of = |cpus| {
            plan::<&str>(&[node("n", cpus, 0, 2 * GB)], &Layout::default(), &[]).expect("plan")
        };
        assert_eq!(of(1).startup_timeout_s(120), 120);
        assert_eq!(of(16).startup_timeout_s(120), 150);
        assert_eq!(of(16).startup_timeout_s(u64::MAX), u64::MAX);
        assert_eq!(of(0).startup_timeout_s(7), 7);
    }

    #[test]
    fn a_plan_is_split_by_nodes() {
        let nodes =
            [node("a", 2, 0, 100 * GB), node("b", 1, 0, 100 * GB), node("c", 2, 0, 100 * GB)];
        let plan = plan::<&str>(&nodes, &Layout::default(), &[]).expect("plan");
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
        let of = plan.only(&["c_cpu_1", "a_cpu_0", "gone"]).workers;
        assert_eq!([&*of[0].worker_id, &*of[1].worker_id], ["a_cpu_0", "c_cpu_1"]);
        assert_eq!(of.len(), 2);
    }

    #[test]
    fn unusable_nodes_get_none() {
        let dead =
            Node::try_from(NodeRecord { alive: false, ..NodeRecord::new("d", 4.0, 0.0, 100.0) })
                .expect("valid");
        let nodes = [
            dead,
            node("no-cpu", 0, 0, 100 * GB),
            node("no-memory", 4, 0, 0),
            node("ok", 1, 0, 100 * GB),
        ];
        assert_eq!(workers("per-core", &nodes, NONE).len(), 1);
        assert!(workers("per-core", &[], NONE).is_empty());
    }

    #[test]
    fn what_cannot_be_planned_is_an_error() {
        let twice = [node("a", 1, 0, 1), node("a", 1, 0, 1)];
        assert_eq!(
            plan(&twice, &Layout::default(), NONE),
            Err(Error::DuplicateNode { id: "a".to_owned() })
        );
        let numa = plan(&[node("a", 8, 0, GB)], &"per-numa".parse().expect("valid"), NONE);
        assert_eq!(numa, Err(Error::NoNumaNodes { node: "a".to_owned() }));
        let mixed = "id=a_cpu_1 -> per-node; * -> per-core".parse().expect("valid");
        let ambiguous = [node("a", 2, 0, GB), node("a_cpu_1", 2, 0, GB)];
        assert!(matches!(plan(&ambiguous, &mixed, NONE), Err(Error::AmbiguousWorker { .. })));
    }
}
