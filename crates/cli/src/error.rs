use protoplast_planner::Quoted;
use thiserror::Error as ThisError;

use crate::limits::MOST_CPUS;
use crate::names::LAYOUT_VARIABLE;

/// What can keep a command from being done. Each message is one line that names the value and the remedy.
#[derive(Debug, ThisError)]
pub enum Error {
    /// An amount of memory is none.
    #[error("'{given}' is no amount of memory; write for example '32GiB' or '64GB'", given = Quoted(.given))]
    BadMemory {
        /// The amount as it was given.
        given: String,
    },

    /// The nodes or the layout are not as they have to be, or do not go together.
    #[error(transparent)]
    Planner(#[from] protoplast_planner::Error),

    /// The environment variable holds no layout.
    #[error("{LAYOUT_VARIABLE}: {0}")]
    BadVariable(protoplast_planner::Error),

    /// A file could not be read.
    #[error(
        "the inventory '{path}' cannot be read: {error}; pass a file that can, or '-' for the standard input",
        path = Quoted(.path)
    )]
    UnreadableInventory {
        /// The path as it was given.
        path: String,
        /// What the system says.
        error: std::io::Error,
    },

    /// What was gathered from a cluster is not as it has to be.
    #[error(
        "what was gathered cannot be read: {0}; install one version of protoplast, here and on the cluster"
    )]
    BadFacts(serde_json::Error),

    /// The cluster could not be asked.
    #[error("{what}; {remedy}")]
    Unreachable {
        /// What is the matter.
        what: String,
        /// What to do about it.
        remedy: &'static str,
    },

    /// There are too many CPUs to plan for at once.
    #[error(
        "the nodes have {cpus} CPUs together, but at most {MOST_CPUS} are planned at once; plan for fewer nodes"
    )]
    TooManyCpus {
        /// The CPUs of all nodes.
        cpus: u64,
    },
}
