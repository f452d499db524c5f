use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use crate::gathered::Gathered;

/// All that a doctor knows.
#[derive(Debug, Deserialize)]
pub(crate) struct Facts {
    pub(crate) here: Here,
    /// None where no address was given.
    pub(crate) cluster: Option<Gathered<Vec<NodeFacts>>>,
}

/// This process and its machine.
#[derive(Debug, Deserialize)]
pub(crate) struct Here {
    pub(crate) installed: Installed,
    /// The newest Daft that was tested.
    pub(crate) newest_tested: String,
    /// What Daft or Ray lacks; None where all is there.
    pub(crate) unsupported: Option<String>,
    pub(crate) token: Token,
    pub(crate) machine: Machine,
}

/// The versions in a process; None where the package is not there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Installed {
    pub(crate) python: String,
    pub(crate) protoplast: Option<String>,
    pub(crate) daft: Option<String>,
    pub(crate) ray: Option<String>,
}

/// What is known of the token, which is not told itself.
#[derive(Debug, Deserialize)]
pub(crate) struct Token {
    /// `RAY_AUTH_MODE`.
    pub(crate) mode: Option<String>,
    /// Whether this Ray knows tokens.
    pub(crate) is_known: bool,
    /// Whether there is one; None if this Ray does not tell.
    pub(crate) is_there: Option<bool>,
}

/// What a process may use of its machine.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Machine {
    /// What the kernel calls this run of it, which all containers on a machine share; None if it could not
    /// be read.
    pub(crate) boot_id: Option<String>,
    /// What tells the container of the process from others on the machine; None if it could not be read.
    #[serde(default)]
    pub(crate) cgroup: Option<String>,
    /// The CPUs that the process is allowed, by their numbers.
    pub(crate) allowed: BTreeSet<u32>,
    /// The rest; None if it could not be read.
    pub(crate) limits: Option<Limits>,
    /// Why it could not be read.
    pub(crate) said: String,
}

/// What there is of memory, and what a container takes of it and of the CPUs.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Limits {
    /// What its container lets it have, in CPUs; None without a limit.
    pub(crate) quota_cpus: Option<f64>,
    /// The memory of the machine, in bytes.
    pub(crate) memory_bytes: u64,
    /// What its container lets it have, in bytes; None without a limit.
    pub(crate) limit_bytes: Option<u64>,
}

/// One node of the cluster.
#[derive(Debug, Deserialize)]
pub(crate) struct NodeFacts {
    /// As `ray.nodes()` gives it, with what the node tells of itself.
    pub(crate) node: Value,
    /// What it has answered; None where it has not.
    pub(crate) told: Option<NodeAnswer>,
    /// Why it has not.
    pub(crate) said: String,
}

/// What a node has answered.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct NodeAnswer {
    pub(crate) installed: Installed,
    pub(crate) machine: Machine,
    /// Why it is not known what the node can start; None if it is known.
    pub(crate) facts_missing: Option<String>,
}
