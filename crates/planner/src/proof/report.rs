use crate::cluster::resources::Resources;
use crate::layout::rules::Layout;

/// What was read back from a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Why the patch is not in effect; None where it is.
    pub not_in_effect: Option<String>,
    /// The fleets.
    pub fleets: Vec<FleetReport>,
}

/// One runner actor and its workers under one layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetReport {
    /// The name of the runner actor.
    pub name: String,
    /// The layout that is installed in it.
    pub layout: Layout,
    /// Its workers.
    pub workers: Vec<WorkerReport>,
}

/// One worker, with what its process said of itself; None where it did not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerReport {
    /// `{NodeID}_cpu_{cpu_index}`, or the `NodeID` itself under `per-node`.
    pub worker_id: String,
    /// The node that it runs on.
    pub node_id: String,
    /// Its process on that node.
    pub pid: Option<u32>,
    /// The CPUs that it was started with.
    pub cpus: u32,
    /// The GPUs that it was started with.
    pub gpus: u32,
    /// Its share of its node's memory, in bytes.
    pub memory_bytes: u64,
    /// Whether it answers.
    pub state: WorkerState,
    /// What it lets the tasks of Daft take, in bytes; None also where it has no limit.
    pub memory_limit_bytes: Option<u64>,
    /// The memory that it has now, in bytes.
    pub rss_bytes: Option<u64>,
    /// The threads that it has now.
    pub threads: Option<u32>,
    /// The CPUs that it may run on, as the kernel writes a list of them.
    pub cpus_allowed: Option<String>,
    /// Where it has something else than its share says.
    pub differences: Vec<String>,
}

/// Whether a worker answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkerState {
    /// It has answered.
    Alive,
    /// It did not answer in time.
    Silent,
    /// Its process has ended.
    Dead,
    /// It could not be started and will be tried again.
    Failed,
}

impl WorkerState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Alive, Self::Silent, Self::Dead, Self::Failed];

    /// Their words, for messages.
    pub const WORDS: &str = "alive, silent, dead or failed";

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Alive => "alive",
            Self::Silent => "silent",
            Self::Dead => "dead",
            Self::Failed => "failed",
        }
    }

    /// The state of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

impl From<&WorkerReport> for Resources {
    fn from(worker: &WorkerReport) -> Self {
        Self {
            cpus: worker.cpus.into(),
            gpus: worker.gpus.into(),
            memory_bytes: worker.memory_bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_have_words() {
        for state in WorkerState::ALL {
            assert_eq!(WorkerState::of_word(state.word()), Some(state));
            assert!(WorkerState::WORDS.contains(state.word()));
        }
        assert_eq!(WorkerState::of_word("Alive"), None);
    }
}
