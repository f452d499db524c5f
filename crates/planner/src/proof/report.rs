use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::bytes::bytes;
use crate::cluster::resources::Resources;
use crate::placement::worker::Worker;

/// What was read back from a cluster.
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
    /// The text of the layout that is installed in it.
    pub layout: String,
    /// Its workers.
    pub workers: Vec<WorkerReport>,
}

/// One worker as it was read back, for Python, JSON, tables and pictures. What is not known is None.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerReport {
    /// `{NodeID}_cpu_{cpu_index}`, or the `NodeID` itself under `per-node`; None for a worker of stock Daft,
    /// whose runner is not asked.
    pub worker_id: Option<String>,
    /// The `NodeID` of the node that it runs on; that of the plan if it did not answer.
    pub node_id: Option<String>,
    /// The address of its node.
    pub address: Option<String>,
    /// Its process id on that node.
    pub pid: Option<u32>,
    /// The CPUs that it was started with.
    pub cpus: Option<u32>,
    /// The GPUs that it was started with.
    pub gpus: Option<u32>,
    /// Its share of its node's memory, in bytes.
    pub memory_bytes: Option<u64>,
    /// What it lets the tasks of Daft take, in bytes; None also if it has no limit.
    pub memory_limit_bytes: Option<u64>,
    /// The memory that it has now, in bytes.
    pub rss_bytes: Option<u64>,
    /// The same with what it shares split among those that share it.
    pub pss_bytes: Option<u64>,
    /// The threads that it has now.
    pub threads: Option<u32>,
    /// The CPUs that it may run on, as the kernel writes a list of them.
    pub cpus_allowed: Option<String>,
    /// Whether it answers.
    pub state: WorkerState,
    /// What it has that its share does not say.
    pub differences: Vec<String>,
    /// Those of the variables of its share that it has, and the mask of its GPUs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
}

/// Whether a worker answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum WorkerState {
    /// Ray is starting it.
    Starting,
    /// It has answered.
    Alive,
    /// It did not answer in time.
    #[default]
    Silent,
    /// Its process has ended.
    Dead,
    /// It could not be started and will be tried again.
    Failed,
}

impl WorkerReport {
    /// The report of a worker of which only the plan is known.
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

    /// The columns of a table of workers, and what each shows.
    pub(crate) fn columns(&self) -> [(&'static str, Option<String>); 12] {
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
            ("on CPUs", self.cpus_allowed.clone()),
            ("state", Some(self.state.word().to_owned())),
        ]
    }
}

/// The column of the node's address, which is shown only if it is known of some worker.
pub(crate) const ADDRESS: &str = "node";

impl WorkerState {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Starting, Self::Alive, Self::Silent, Self::Dead, Self::Failed];

    /// Their words, for messages.
    pub const WORDS: &str = "starting, alive, silent, dead or failed";

    /// The word for it.
    pub fn word(self) -> &'static str {
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
        state.word()
    }
}

impl TryFrom<String> for WorkerState {
    type Error = String;

    /// The state of a word.
    fn try_from(word: String) -> Result<Self, String> {
        let named = Self::ALL.into_iter().find(|state| state.word() == word);
        named.ok_or_else(|| format!("the state of a worker must be {}, not '{word}'", Self::WORDS))
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
    fn states_have_words() {
        for state in WorkerState::ALL {
            assert_eq!(WorkerState::try_from(state.word().to_owned()), Ok(state));
            assert!(WorkerState::WORDS.contains(state.word()));
        }
        let refused = WorkerState::try_from("Alive".to_owned()).expect_err("another word");
        assert!(refused.contains("not 'Alive'"), "{refused}");
    }
}
