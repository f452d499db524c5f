use serde::{Deserialize, Serialize};

use crate::bytes::bytes;
use crate::show::table::table;

/// A worker as it was read back. What it did not say is None.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerSeen {
    /// Its id; None for a worker of stock Daft, whose runner is not asked.
    pub worker_id: Option<String>,
    /// The `NodeID` of its node.
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
    /// What it lets tasks take, in bytes.
    pub memory_limit_bytes: Option<u64>,
    /// The memory that it has now, in bytes.
    pub rss_bytes: Option<u64>,
    /// The same with what it shares split among those that share it.
    pub pss_bytes: Option<u64>,
    /// The threads that it has now.
    pub threads: Option<u32>,
    /// The CPUs that it may run on, as the kernel writes a list of them.
    pub cpus_allowed: Option<String>,
    /// How it is.
    pub state: String,
    /// Where it has something else than its share says.
    pub differences: Vec<String>,
}

/// What is said of a worker's node, where it is known of some.
const ADDRESS: &str = "node";

/// A table of workers. What a worker did not say is a dash.
pub fn worker_table(workers: &[WorkerSeen]) -> String {
    let mut header = vec![
        "worker", "pid", "CPUs", "GPUs", "memory", "limit", "RSS", "PSS", "threads", "on CPUs",
        "state",
    ];
    let with_address = workers.iter().any(|worker| worker.address.is_some());
    if with_address {
        header.insert(1, ADDRESS);
    }
    let rows = workers.iter().map(|worker| {
        let mut cells = cells(worker);
        if with_address {
            cells.insert(1, or_dash(worker.address.clone()));
        }
        cells
    });
    table(&header, rows.collect())
}

fn cells(worker: &WorkerSeen) -> Vec<String> {
    let number = |value: Option<u32>| or_dash(value.map(|value| value.to_string()));
    let amount = |value: Option<u64>| or_dash(value.map(bytes));
    vec![
        or_dash(worker.worker_id.clone()),
        number(worker.pid),
        number(worker.cpus),
        number(worker.gpus),
        amount(worker.memory_bytes),
        amount(worker.memory_limit_bytes),
        amount(worker.rss_bytes),
        amount(worker.pss_bytes),
        number(worker.threads),
        or_dash(worker.cpus_allowed.clone()),
        worker.state.clone(),
    ]
}

fn or_dash(value: Option<String>) -> String {
    value.unwrap_or_else(|| "-".to_owned())
}
