//! Which workers Daft's scheduler may give a task to, and how many tasks run there at once.

use crate::bytes::bytes;
use crate::cluster::node::Node;
use crate::cost::fleet_size::FleetSize;
use crate::cost::known_work::KnownWork;
use crate::cost::references::{most_below_shuffle, reference_bytes, shuffling_us};
use crate::cost::tasks::{most_tasks, tasks_for};
use crate::layout::rules::Layout;
use crate::placement::ranges::Ranges;
use crate::query::profile::QueryProfile;
use crate::query::resource_request::ResourceRequest;

/// How many workers a layout makes, and how many tasks of one CPU they run at once, of each node at most
/// `most_per_node`.
pub(crate) fn fleet_size(nodes: &[Node], layout: &Layout, most_per_node: u64) -> FleetSize {
    let usable = nodes.iter().filter(|node| node.is_usable());
    let ranges = usable.filter_map(|node| Ranges::of_cpus(node, &layout.for_node(node)).ok());
    ranges.fold(FleetSize { workers: 0, slots: 0 }, |fleet, ranges| FleetSize {
        workers: fleet.workers + u64::from(ranges.workers()),
        slots: fleet.slots + u64::from(ranges.total()).min(most_per_node),
    })
}

/// About how many tasks the scans of a query should have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TaskGoal {
    /// If files are split.
    pub(crate) wanted: u64,
    /// If small files are merged. How long it takes to open a file is not known.
    pub(crate) of_files: u64,
    /// How long the query is expected to take in all tasks together, in microseconds, if that is known.
    pub(crate) work_us: Option<u64>,
    /// How often the rows of the tasks are shuffled.
    pub(crate) shuffles: u64,
}

impl TaskGoal {
    /// The goal for a query, given how long its Python code takes, as far as that is known.
    pub(crate) fn of_query(
        profile: &QueryProfile,
        nodes: &[Node],
        fleet: FleetSize,
        work: &[KnownWork],
    ) -> Self {
        let operators = profile.python_stages.iter().map(|stage| stage.operator.as_str());
        let bytes = profile.scans.bytes.filter(|_| !profile.python_stages.is_empty());
        let work_us = bytes.and_then(|bytes| KnownWork::of_query(work, operators, bytes));
        // With no more tasks than nodes, the next query of this kind would run on other workers. Each slot has
        // a connection of its own to what is not here.
        let beyond_nodes = 1 + nodes.iter().filter(|node| node.is_usable()).count() as u64;
        let least = if profile.scans.reads_remote { fleet.slots } else { beyond_nodes };
        let memory_bytes = nodes.iter().map(Node::memory_bytes).min();
        let shuffles = profile.scans.shuffles;
        let shuffled = memory_bytes.filter(|_| shuffles > 0);
        let most_shuffled = shuffled.map(most_below_shuffle);
        let bound = |tasks: u64| tasks.min(most_shuffled.unwrap_or(u64::MAX));
        let wanted = tasks_for(fleet, least, work_us, shuffles);
        let of_files = bound(tasks_for(fleet, least, None, shuffles));
        Self { wanted: bound(wanted), of_files, work_us, shuffles }
    }

    /// Why the slots of a fleet get fewer tasks than even out unequal ones best, in one sentence; None if they do
    /// not.
    pub(crate) fn cost_line(&self, fleet: FleetSize) -> Option<String> {
        let most = most_tasks(fleet);
        if self.wanted >= most {
            return None;
        }
        let s = |us: u64| us as f64 / 1e6;
        if self.shuffles > 0 {
            return Some(format!(
                "{most} tasks below a shuffle would take {:.1} s for their references, with {} of them in the \
                 head's memory, so about {} are wanted",
                s(shuffling_us(fleet, self.shuffles, most)),
                bytes(reference_bytes(most).saturating_mul(self.shuffles)),
                self.wanted
            ));
        }
        let each = self.work_us.map_or(String::new(), |us| format!(" of {:.3} s", s(us / most)));
        let handing_out = s(fleet.cost(0, most).handing_out_us);
        Some(format!(
            "{most} tasks{each} would be handed out in {handing_out:.1} s, so about {} are wanted",
            self.wanted
        ))
    }
}

impl ResourceRequest {
    /// Whether every worker can run the task: each has at least one CPU.
    pub(crate) fn fits_any_worker(&self) -> bool {
        self.cpus <= 1.0 && self.gpus == 0.0 && self.memory_bytes == 0
    }

    /// Whether Daft may give the task to a worker with these CPUs and GPUs. Daft checks only the CPUs, and
    /// whether there is any GPU.
    pub(crate) fn may_go_to(&self, cpus: u32, gpus: u32) -> bool {
        f64::from(cpus) >= self.cpus && (self.gpus == 0.0 || gpus > 0)
    }

    /// Whether Daft may give the task to a worker that has the whole node.
    pub(crate) fn is_held_by(&self, node: &Node) -> bool {
        self.may_go_to(node.cpus(), node.gpus())
    }

    /// How many such tasks run at once on these CPUs and GPUs of a node. Stock Daft runs a task that asks for
    /// more GPUs than the node has on those that there are.
    pub(crate) fn tasks_at_once(&self, cpus: u32, gpus: u32, node: &Node) -> u32 {
        let by_cpus = (f64::from(cpus) / self.cpus.max(f64::MIN_POSITIVE)).floor();
        if self.gpus == 0.0 {
            return by_cpus as u32;
        }
        let by_gpus = (f64::from(gpus) / self.gpus.min(node.gpus().into())).floor();
        by_cpus.min(if gpus == 0 { 0.0 } else { by_gpus }) as u32
    }
}

#[cfg(test)]
mod tests {
    use crate::cluster::node::Node;
    use crate::cluster::node_record::NodeRecord;
    use crate::decision::decide::{DecisionInput, decide};
    use crate::decision::outcome::Decision;

    fn decided(above: &str, cpus: u32) -> Decision {
        let record = NodeRecord::new("n", cpus.into(), 0.0, 1e11);
        decide(DecisionInput {
            plan: &format!(
                "{above}* ScanTaskSource:\n|   Num Scan Tasks = 40\n|   Estimated Scan Bytes = 6400\n"
            ),
            logical: "",
            layout: &"auto".parse().expect("valid"),
            nodes: &[Node::try_from(record).expect("valid")],
            scarce: &[],
            work: &[],
            one_worker_blocked: None,
        })
        .expect("decided")
    }

    const UDF: &str = "* UDF m.f:\n|   Resource request = None\n|\n";

    #[test]
    fn the_cost_says_why_there_are_fewer_tasks() {
        let cost = |cpus, above: &str| decided(above, cpus).cost;
        assert_eq!(cost(4, UDF), None, "ten tasks a slot");
        assert_eq!(
            cost(64, UDF).as_deref(),
            Some("640 tasks would be handed out in 1.3 s, so about 247 are wanted")
        );
        assert_eq!(cost(64, ""), None, "native");
        let shuffled = format!("* RayShuffle: Hash\n|   Num partitions = Some(0)\n|\n{UDF}");
        let below = decided(&shuffled, 64);
        assert_eq!(below.tasks_wanted, 51);
        assert_eq!(
            below.cost.as_deref(),
            Some(
                "640 tasks below a shuffle would take 157.3 s for their references, with 1.2 GiB of them in the \
                 head's memory, so about 51 are wanted"
            )
        );
    }

    #[test]
    fn no_hint_asks_for_more_tasks_than_are_wanted() {
        let shuffled = format!("* RayShuffle: Hash\n|   Num partitions = Some(0)\n|\n{UDF}");
        assert!(decided(UDF, 64).hint().is_some(), "40 tasks on 64 slots");
        // The scan has 40 tasks, and about 36 are wanted.
        let twice = format!("* RayShuffle: Hash\n|   Num partitions = Some(0)\n|\n{shuffled}");
        assert_eq!(decided(&twice, 64).hint(), None);
    }
}
