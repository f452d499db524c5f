use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::bytes::bytes;
use crate::cluster::resources::Resources;
use crate::gil::counters::GilCounters;
use crate::placement::worker::Worker;

/// The state of a cluster, read back from its processes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Status {
    /// Why the patch is not in effect; None if it is.
    pub not_in_effect: Option<String>,
    /// The fleets.
    pub fleets: Vec<FleetReport>,
}

/// One runner actor and its workers under one layout.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FleetReport {
    /// The name of the runner actor.
    pub name: String,
    /// The text of the layout that is installed in the runner actor.
    pub layout: String,
    /// The workers.
    pub workers: Vec<WorkerReport>,
}

/// The worker report: one worker as it was read back, for Python, JSON, tables and pictures. Unknown values are
/// None.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerReport {
    /// `{NodeID}_cpu_{cpu_index}`, or the `NodeID` itself under `per-node`; None for a worker of stock Daft,
    /// whose runner is not asked.
    pub worker_id: Option<String>,
    /// The `NodeID` of the node that the worker runs on, or the planned one if the worker did not answer.
    pub node_id: Option<String>,
    /// The address of the node.
    pub address: Option<String>,
    /// The process id on that node.
    pub pid: Option<u32>,
    /// The CPUs that the worker was started with.
    pub cpus: Option<u32>,
    /// The GPUs that the worker was started with.
    pub gpus: Option<u32>,
    /// The worker's share of the node's memory, in bytes.
    pub memory_bytes: Option<u64>,
    /// The most memory that Daft's tasks may take in the worker, in bytes; None also if there is no limit.
    pub memory_limit_bytes: Option<u64>,
    /// The resident memory of the process now (RSS), in bytes.
    pub rss_bytes: Option<u64>,
    /// The proportional memory of the process now (PSS), in bytes: shared memory is divided among the processes
    /// that share it.
    pub pss_bytes: Option<u64>,
    /// The threads of the process now.
    pub threads: Option<u32>,
    /// What was counted of the GIL of the process since it started; None if it is not watched.
    pub gil: Option<GilCounters>,
    /// The CPUs that the process may run on, in the kernel's list format.
    pub cpus_allowed: Option<String>,
    /// Whether the worker answers.
    pub state: WorkerState,
    /// What the worker has that differs from its share.
    pub differences: Vec<String>,
    /// The variables of the worker's share that are set in its process, and its `CUDA_VISIBLE_DEVICES`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
}

/// Whether a worker answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum WorkerState {
    /// Ray is starting the worker.
    Starting,
    /// The worker has answered.
    Alive,
    /// The worker did not answer in time.
    #[default]
    Silent,
    /// The worker's process has ended.
    Dead,
    /// The worker could not be started and will be tried again.
    Failed,
}

impl WorkerReport {
    /// Makes the report of a worker of which only the plan is known.
    pub fn of_planned(planned: &Worker, state: WorkerState) -> Self {
        Self {
            worker_id: Some(planned.worker_id.clone()),
            node_id: Some(planned.node_id.to_string()),
            cpus: Some(planned.cpus),
            gpus: Some(planned.gpus),
            memory_bytes: Some(planned.memory_bytes),
            state,
            ..Self::default()
        }
    }

    /// The columns of a table of workers, each with its text.
    pub(crate) fn columns(&self) -> [(&'static str, Option<String>); 13] {
        let number = |value: Option<u32>| value.map(|value| value.to_string());
        [
            ("worker", self.worker_id.clone()),
            (ADDRESS, self.address.clone()),
            ("pid", number(self.pid)),
            ("CPUs", number(self.cpus)),
            ("GPUs", number(self.gpus)),
            ("memory", self.memory_bytes.map(bytes)),
            ("limit", self.memory_limit_bytes.map(bytes)),
            ("RSS", self.rss_bytes.map(bytes)),
            ("PSS", self.pss_bytes.map(bytes)),
            ("threads", number(self.threads)),
            ("GIL", self.gil.and_then(GilCounters::share).map(|gil| percent(gil.held))),
            ("on CPUs", self.cpus_allowed.clone()),
            ("state", Some(self.state.name().to_owned())),
        ]
    }
}

/// A share of 0 to 1 as whole percent.
fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// The column of the node's address, which is shown only if the address of a worker is known.
pub(crate) const ADDRESS: &str = "node";

impl WorkerState {
    /// All states.
    pub const ALL: [Self; 5] =
        [Self::Starting, Self::Alive, Self::Silent, Self::Dead, Self::Failed];

    /// The names of all states, for messages.
    pub const NAMES: &str = "starting, alive, silent, dead or failed";

    /// The name of the state.
    pub fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Alive => "alive",
            Self::Silent => "silent",
            Self::Dead => "dead",
            Self::Failed => "failed",
        }
    }
}

impl From<WorkerState> for &'static str {
    fn from(state: WorkerState) -> Self {
        state.name()
    }
}

impl TryFrom<String> for WorkerState {
    type Error = String;

    /// Finds the state of this name.
    fn try_from(name: String) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|state| state.name() == name);
        found.ok_or_else(|| format!("the state of a worker must be {}, not '{name}'", Self::NAMES))
    }
}

impl From<&WorkerReport> for Resources {
    fn from(worker: &WorkerReport) -> Self {
        Self {
            cpus: worker.cpus.unwrap_or(0).into(),
            gpus: worker.gpus.unwrap_or(0).into(),
            memory_bytes: worker.memory_bytes.unwrap_or(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_have_names() {
        for state in WorkerState::ALL {
            assert_eq!(WorkerState::try_from(state.name().to_owned()), Ok(state));
            assert!(WorkerState::NAMES.contains(state.name()));
        }
        let refused = WorkerState::try_from("Alive".to_owned()).expect_err("unknown");
        assert!(refused.contains("not 'Alive'"), "{refused}");
    }
}
