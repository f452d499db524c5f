use serde::Serialize;

use super::functions::{Function, functions};
use super::lost::{Lost, lost};
use super::nodes::{Node, nodes};
use super::stages::{Stage, stages, sum};
use crate::profile::record::ProfileRecord;
use crate::profile::time::lanes::WorkerLanes;
use crate::profile::time::state::State;

/// All figures of a query.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Figures {
    /// How long the query took.
    pub(crate) wall_us: u64,
    /// The slots of all workers.
    pub(crate) slots: u64,
    /// How many tasks it had.
    pub(crate) tasks: u64,
    /// How many of them failed.
    pub(crate) failed: u64,
    /// The part of the time of its slots in which tasks worked that did not fail.
    pub(crate) slots_used: f64,
    /// The part of the time of the cores of its nodes in which they computed, if it was measured.
    pub(crate) cores_used: Option<f64>,
    /// The part of the time of its slots that has a name.
    pub(crate) accounted: f64,
    /// The CPU time of its workers, of those that are known.
    pub(crate) workers_cpu_us: Option<u64>,
    /// The CPU time of the runner's process.
    pub(crate) runner_cpu_us: Option<u64>,
    /// How many tasks the runner sent in a second, while it had any to send.
    pub(crate) sent_per_s: Option<f64>,
    /// The most memory that a worker took.
    pub(crate) peak_bytes: Option<u64>,
    /// The time of the slots, by what they did.
    pub(crate) lost: [Lost; State::ALL.len()],
    /// Its stages, in the order in which they began.
    pub(crate) stages: Vec<Stage>,
    /// Its Python functions, those that worked longest first.
    pub(crate) functions: Vec<Function>,
    /// The nodes of its workers.
    pub(crate) nodes: Vec<Node>,
}

impl Figures {
    /// The figures of a record, and of what its slots did.
    pub(crate) fn of(record: &ProfileRecord, lanes: &[WorkerLanes]) -> Self {
        let lost = lost(lanes);
        let stages = stages(record);
        let part = |state: State| lost.get(state.place()).map_or(0.0, |lost| lost.part);
        Self {
            wall_us: record.wall_us,
            slots: lanes.iter().map(|worker| worker.lanes.len() as u64).sum(),
            tasks: record.tasks.len() as u64,
            failed: stages.iter().map(|stage| stage.failed).sum(),
            slots_used: part(State::Working),
            cores_used: cores_used(record),
            accounted: lost.iter().map(|lost| lost.part).sum::<f64>() - part(State::Other),
            workers_cpu_us: sum(record.workers.iter().map(|worker| worker.cpu_us)),
            runner_cpu_us: record.runner_cpu_us,
            sent_per_s: sent_per_s(&stages),
            peak_bytes: record.workers.iter().filter_map(|worker| worker.peak_bytes).max(),
            lost,
            stages,
            functions: functions(record),
            nodes: nodes(record),
        }
    }

    /// The time of the slots in a state, divided by the slots: the part of the query's time that it took.
    pub(crate) fn lost_us(&self, state: State) -> f64 {
        self.lost.get(state.place()).map_or(0.0, |lost| lost.part * self.wall_us as f64)
    }
}

fn cores_used(record: &ProfileRecord) -> Option<f64> {
    let known = || record.nodes.iter().filter(|node| node.cpu_us.is_some());
    let cpus: f64 = known().map(|node| f64::from(node.cpus)).sum();
    let used = sum(known().map(|node| node.cpu_us))?;
    let most = cpus * record.wall_us as f64;
    (most > 0.0).then(|| used as f64 / most)
}

fn sent_per_s(stages: &[Stage]) -> Option<f64> {
    // The first task of each stage is sent at once.
    let sent: u64 = stages.iter().map(|stage| stage.tasks - 1).sum();
    let time: u64 = stages.iter().map(|stage| stage.last_sent_us - stage.first_sent_us).sum();
    (sent > 0 && time > 0).then(|| sent as f64 * 1e6 / time as f64)
}
