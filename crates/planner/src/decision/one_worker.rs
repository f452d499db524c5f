//! Whether a whole query runs as one task on one worker of a node.

use crate::bytes::bytes;
use crate::cluster::node::Node;
use crate::layout::node_layout::NodeLayout;
use crate::layout::one_worker::OneWorker;
use crate::layout::rules::Layout;
use crate::measured::{WHOLE_QUERY_BYTES_PER_CORE_S, WHOLE_QUERY_MEMORY};
use crate::query::profile::QueryProfile;
use crate::query::whole_plan::Bound;

/// A query takes at most one of this many parts of a worker's memory. The rest is for what Daft's estimate
/// leaves out, and for other queries.
const PART_OF_MEMORY: u64 = 2;

/// A query that takes one worker at most this long always runs on one worker, in seconds.
const SHORT_S: u64 = 10;

/// A longer query runs on all nodes if these have more than this many times the cores of one. Tasks and
/// shuffles between them cost more CPU time than the query on one worker does.
const CORES_THAT_PAY: u64 = 3;

/// Why a query that may run as one task does not, for the reasons that Python finds out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OneWorkerBlocked {
    /// This release of Daft cannot run a whole query on one worker.
    OlderDaft,
    /// One worker could not run the same query earlier.
    FailedBefore,
}

/// A query that one worker runs as one task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WholeQuery {
    /// The memory that a worker must have, in bytes.
    pub memory_bytes: u64,
}

/// Whether a query runs on one worker, and why, as the end of a sentence.
pub(crate) struct Choice {
    pub(crate) whole: Option<WholeQuery>,
    pub(crate) reason: String,
}

/// Decides whether a query runs as one task on one worker. Returns None if the layout does not ask for it, if
/// this Daft cannot do it, or if the query has Python code.
///
/// # Arguments
///
/// * `requested`: the layout in force.
/// * `layout`: that of the workers for the query.
pub(crate) fn one_worker(
    requested: &Layout,
    layout: &Layout,
    profile: &QueryProfile,
    nodes: &[Node],
    blocked: Option<OneWorkerBlocked>,
) -> Option<Choice> {
    let option = common_option(requested, layout, nodes)?;
    if blocked == Some(OneWorkerBlocked::OlderDaft) {
        return None;
    }
    let tasks =
        |why: &str| Choice { whole: None, reason: format!("it runs in tasks because of {why}") };
    match &profile.bound_to_tasks {
        Some(Bound::Python) => return None,
        Some(Bound::By(why)) => return Some(tasks(why)),
        None => {}
    }
    if blocked.is_some() {
        return Some(tasks("an earlier run, for which one worker was not enough"));
    }
    let Some(read) = profile.scans.bytes else {
        return Some(tasks("a source of unknown size"));
    };
    let needed = read.saturating_mul(WHOLE_QUERY_MEMORY);
    if let OneWorker::UpTo(most) = option {
        if read > most {
            return Some(tasks(&format!(
                "the {} that it reads, more than 'one-worker={option}'",
                bytes(read)
            )));
        }
        return Some(Choice {
            whole: Some(WholeQuery { memory_bytes: 0 }),
            reason: format!("it runs as one task on one worker, as 'one-worker={option}' says"),
        });
    }
    let memory_bytes = needed.saturating_mul(PART_OF_MEMORY);
    let usable = || nodes.iter().filter(|node| node.is_usable());
    let memory = |node: &Node| layout.for_node(node).memory().of_bytes(node.memory_bytes());
    let fitting = usable().filter(|node| memory(node) >= memory_bytes);
    let Some(cores) = fitting.map(|node| u64::from(node.cpus())).min() else {
        return Some(tasks(&format!("its size: {} would be in memory", bytes(needed))));
    };
    let all: u64 = usable().map(|node| u64::from(node.cpus())).sum();
    let seconds = read / WHOLE_QUERY_BYTES_PER_CORE_S / cores.max(1);
    if seconds > SHORT_S && all > cores.saturating_mul(CORES_THAT_PAY) {
        return Some(tasks(&format!(
            "its length: one worker would take some {seconds} s, and all nodes have {all} cores to its {cores}"
        )));
    }
    Some(Choice {
        whole: Some(WholeQuery { memory_bytes }),
        reason: format!(
            "it runs as one task on one worker, which has room for it: some {} would be in memory",
            bytes(needed)
        ),
    })
}

/// What all nodes say of queries on one worker, if each has one worker; None if that is never.
fn common_option(requested: &Layout, layout: &Layout, nodes: &[Node]) -> Option<OneWorker> {
    if !layout.node_layouts(nodes).all(|node_layout| node_layout.is_whole_node()) {
        return None;
    }
    let mut options =
        requested.node_layouts(nodes).map(|node_layout: NodeLayout| node_layout.one_worker());
    let first = options.next().filter(|option| *option != OneWorker::Never)?;
    options.all(|option| option == first).then_some(first)
}
