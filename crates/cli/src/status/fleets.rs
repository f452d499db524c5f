use protoplast_planner::WorkerReport;
use serde::{Deserialize, Serialize};

/// The fleets of all jobs of a cluster.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Fleets {
    /// The address under which the cluster was reached.
    pub(crate) address: String,
    /// How many nodes of it are alive.
    pub(crate) nodes: usize,
    pub(crate) fleets: Vec<Fleet>,
}

/// One runner actor and its workers.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Fleet {
    /// The name of the runner actor.
    pub(crate) name: String,
    /// The job that it belongs to.
    pub(crate) job: String,
    /// The process id of that job's driver, where Ray tells it.
    pub(crate) driver_pid: Option<u32>,
    /// The layout in its runner, or in its name where the runner did not answer; None for stock Daft.
    pub(crate) layout: Option<String>,
    /// Whether the runner has answered.
    pub(crate) state: State,
    /// Why it has not; empty where it has.
    pub(crate) said: String,
    pub(crate) workers: Vec<WorkerReport>,
}

/// How a runner is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// It has answered.
    Alive,
    /// It has not answered in time, or not in words that are understood here.
    Silent,
    /// It is Daft's own, and is not asked.
    Stock,
}

impl Fleets {
    /// The same as JSON.
    pub(crate) fn to_json(&self) -> String {
        // Strings and integers always serialise.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}
