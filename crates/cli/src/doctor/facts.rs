use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use crate::gathered::Gathered;

/// The facts that a doctor checks, in the form that Python sends.
#[derive(Debug, Deserialize)]
pub(crate) struct Facts {
    pub(crate) here: Here,
    /// None if no address was given.
    pub(crate) cluster: Option<Gathered<Vec<NodeFacts>>>,
}

/// This process and its machine.
#[derive(Debug, Deserialize)]
pub(crate) struct Here {
    pub(crate) installed: Installed,
    /// The newest Daft that was tested.
    pub(crate) newest_tested: String,
    /// What Daft or Ray lacks; None if nothing is missing.
    pub(crate) unsupported: Option<String>,
    pub(crate) token: Token,
    pub(crate) machine: Machine,
}

/// The versions in a process; None if the package is missing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Installed {
    pub(crate) python: String,
    pub(crate) protoplast: Option<String>,
    pub(crate) daft: Option<String>,
    pub(crate) ray: Option<String>,
}

/// What is known of the token; the token itself is not sent.
#[derive(Debug, Deserialize)]
pub(crate) struct Token {
    /// `RAY_AUTH_MODE`.
    pub(crate) mode: Option<String>,
    /// Whether this Ray knows tokens.
    pub(crate) is_known: bool,
    /// Whether there is a token; None if this Ray does not tell.
    pub(crate) is_there: Option<bool>,
}

/// What a process may use of its machine.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Machine {
    /// The kernel's id of this boot, which all containers on a machine share; None if it could not be read.
    pub(crate) boot_id: Option<String>,
    /// The cgroup that distinguishes the process's container from others on the machine; None if it could not
    /// be read.
    #[serde(default)]
    pub(crate) cgroup: Option<String>,
    /// The numbers of the CPUs that the process may use.
    pub(crate) allowed: BTreeSet<u32>,
    /// Memory and the limits of the container; None if they could not be read.
    pub(crate) limits: Option<Limits>,
    /// Why they could not be read.
    pub(crate) reason: String,
}

/// The memory of the machine, and the limits of the container.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Limits {
    /// The CPU quota of the container, in CPUs; None without a quota.
    pub(crate) quota_cpus: Option<f64>,
    /// The memory of the machine, in bytes.
    pub(crate) memory_bytes: u64,
    /// The memory limit of the container, in bytes; None without a limit.
    pub(crate) limit_bytes: Option<u64>,
}

/// One node of the cluster.
#[derive(Debug, Deserialize)]
pub(crate) struct NodeFacts {
    /// The node in the form of `ray.nodes()`, with the facts that the node has sent.
    pub(crate) node: Value,
    /// The node's answer; None if it has not answered.
    pub(crate) answer: Option<NodeAnswer>,
    /// Why the node has not answered.
    pub(crate) reason: String,
}

/// The answer of a node.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct NodeAnswer {
    pub(crate) installed: Installed,
    pub(crate) machine: Machine,
    /// Why it is unknown how many workers the node can start; None if it is known.
    pub(crate) facts_missing: Option<String>,
}
