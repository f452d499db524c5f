use protoplast_planner::Quoted;
use thiserror::Error as ThisError;

use crate::limits::MOST_CPUS;
use crate::names::LAYOUT_VARIABLE;

/// Why a command cannot be run. Each message is one line that names the value and the remedy.
#[derive(Debug, ThisError)]
pub enum Error {
    /// A text is not an amount of memory.
    #[error("'{given}' is not an amount of memory; write for example '32GiB' or '64GB'", given = Quoted(.given))]
    BadMemory {
        /// The amount as it was given.
        given: String,
    },

    /// The nodes or the layout are invalid, or do not fit each other.
    #[error(transparent)]
    Planner(#[from] protoplast_planner::Error),

    /// The environment variable does not hold a layout.
    #[error("{LAYOUT_VARIABLE}: {0}")]
    BadVariable(protoplast_planner::Error),

    /// A file could not be read.
    #[error(
        "the inventory '{path}' cannot be read: {error}; pass a readable file, or '-' for the standard input",
        path = Quoted(.path)
    )]
    UnreadableInventory {
        /// The path as it was given.
        path: String,
        /// The error of the system.
        error: std::io::Error,
    },

    /// The gathered facts have an unknown form.
    #[error(
        "the gathered facts cannot be read: {0}; install one version of protoplast, here and on the cluster"
    )]
    BadFacts(serde_json::Error),

    /// The cluster could not be reached.
    #[error("{what}; {remedy}")]
    Unreachable {
        /// What is wrong.
        what: String,
        /// The remedy.
        remedy: &'static str,
    },

    /// The nodes have too many CPUs for one plan.
    #[error(
        "the nodes have {cpus} CPUs together, but at most {MOST_CPUS} are planned at once; plan for fewer nodes"
    )]
    TooManyCpus {
        /// The CPUs of all nodes.
        cpus: u64,
    },
}
