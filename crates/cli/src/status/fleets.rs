use protoplast_planner::WorkerReport;
use serde::{Deserialize, Serialize};

/// The fleets of all jobs of a cluster.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Fleets {
    /// The address at which the cluster was reached.
    pub(crate) address: String,
    /// How many of its nodes are alive.
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
    /// The process id of that job's driver, if Ray reports it.
    pub(crate) driver_pid: Option<u32>,
    /// The layout in the runner, or in its name if the runner did not answer; None for stock Daft.
    pub(crate) layout: Option<String>,
    /// Whether the runner has answered.
    pub(crate) state: State,
    /// Why the runner has not answered; empty if it has.
    pub(crate) reason: String,
    pub(crate) workers: Vec<WorkerReport>,
}

/// The state of a runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// The runner has answered.
    Alive,
    /// The runner has not answered in time, or not in a known form.
    Silent,
    /// The runner is Daft's own, and is not asked.
    Stock,
}

impl Fleets {
    /// The fleets as JSON.
    pub(crate) fn to_json(&self) -> String {
        // Strings and integers always serialise.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}
