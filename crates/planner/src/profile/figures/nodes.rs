use serde::Serialize;

use super::stages::sum;
use crate::profile::record::ProfileRecord;

/// The figures of a node.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Node {
    /// Its name.
    pub(crate) name: String,
    /// Its logical CPUs.
    pub(crate) cpus: u32,
    /// How many workers it has.
    pub(crate) workers: u64,
    /// The part of the time in which its cores computed, if it was measured.
    pub(crate) cores: Option<f64>,
    /// The most memory of its workers, added up, of those that are known.
    pub(crate) peak_bytes: Option<u64>,
}

/// The figures of each node.
pub(crate) fn nodes(record: &ProfileRecord) -> Vec<Node> {
    let all = record.nodes.iter().map(|node| {
        let workers = || record.workers.iter().filter(|worker| worker.node == node.name);
        let most = record.wall_us as f64 * f64::from(node.cpus);
        Node {
            name: node.name.clone(),
            cpus: node.cpus,
            workers: workers().count() as u64,
            cores: node.cpu_us.filter(|_| most > 0.0).map(|cpu| cpu as f64 / most),
            peak_bytes: sum(workers().map(|worker| worker.peak_bytes)),
        }
    });
    all.collect()
}
