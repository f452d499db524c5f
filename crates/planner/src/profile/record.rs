//! What the runner, the workers and the driver record of a query.
//!
//! All times are microseconds since the query began, by the clock of the runner's node. Clocks of other nodes
//! differ, so what a worker says of a task lies between the times at which the runner sent it and had its
//! result.

use serde::{Deserialize, Serialize};

/// A query, or several one after the other, that ran while the recorder was on.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ProfileRecord {
    /// What ran, in a few words.
    pub title: String,
    /// The layout of the workers.
    pub layout: String,
    /// When the query began, in seconds since 1970.
    pub began_at: f64,
    /// How long it took.
    pub wall_us: u64,
    /// The workers of the fleet that ran it, of those nodes that had any.
    pub workers: Vec<WorkerRecord>,
    /// Its tasks, in the order in which the runner sent them.
    pub tasks: Vec<TaskRecord>,
    /// The cores of each node, by the node's name.
    pub nodes: Vec<NodeRecord>,
    /// When the rows of the last task were with the driver, if that is known.
    #[serde(default)]
    pub delivered_us: Option<u64>,
    /// The CPU time of the runner's process.
    #[serde(default)]
    pub runner_cpu_us: Option<u64>,
    /// Whether `into_partitions` would divide its rows: above its scans it has neither a limit nor a shuffle.
    #[serde(default)]
    pub can_repartition: bool,
    /// Why its scans have no more tasks, in the words of `explain`.
    #[serde(default)]
    pub unsplit: Option<String>,
    /// Why the query ran on these workers, in one sentence.
    #[serde(default)]
    pub reason: Option<String>,
    /// When it was planned and its workers were chosen.
    #[serde(default)]
    pub planned_us: Option<u64>,
    /// How many tasks more were sent than are recorded.
    #[serde(default)]
    pub dropped_tasks: u64,
}

/// A node whose workers took part.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct NodeRecord {
    /// The node's name.
    pub name: String,
    /// How many logical CPUs it has.
    pub cpus: u32,
    /// The CPU time of all its processes during the query, if it was measured (`/proc/stat`).
    #[serde(default)]
    pub cpu_us: Option<u64>,
}

/// A worker.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct WorkerRecord {
    /// Its id.
    pub id: String,
    /// The name of its node.
    pub node: String,
    /// How many tasks it runs at once.
    pub slots: u32,
    /// When it was up; 0 if it was before the query began, None if it never was.
    pub up_us: Option<u64>,
    /// When it was gone, if it did not stay until the end.
    #[serde(default)]
    pub gone_us: Option<u64>,
    /// The CPU time of its process during the query.
    #[serde(default)]
    pub cpu_us: Option<u64>,
    /// The most memory that its process took, in bytes.
    #[serde(default)]
    pub peak_bytes: Option<u64>,
    /// The GIL of its process, if it was measured.
    #[serde(default)]
    pub gil: Option<GilRecord>,
}

/// How a process used its GIL over a time.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct GilRecord {
    /// The part of the time in which a thread held it, 0 to 1.
    pub held: f64,
    /// The part of the time in which a thread that asked for it would have waited, 0 to 1.
    pub waited: f64,
    /// How often it was looked at.
    pub samples: u64,
}

/// A task.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TaskRecord {
    /// The place of its worker in `workers`.
    pub worker: usize,
    /// What it does: the operators of its part of the plan, in the order of the rows.
    pub name: String,
    /// The stage that it belongs to. Tasks of one stage do the same with other rows.
    pub stage: u32,
    /// Which of several queries it belongs to, counted from 0.
    #[serde(default)]
    pub query: u32,
    /// How many slots of its worker it takes; None is one. A whole query takes all.
    #[serde(default)]
    pub slots: Option<u32>,
    /// When the runner sent it to the worker.
    pub sent_us: u64,
    /// When the worker began it, if the worker says.
    #[serde(default)]
    pub begun_us: Option<u64>,
    /// When the worker ended it, if the worker says.
    #[serde(default)]
    pub ended_us: Option<u64>,
    /// When the runner had its result.
    pub returned_us: u64,
    /// The rows of its result, if they are known.
    #[serde(default)]
    pub rows: Option<u64>,
    /// The bytes of its result, if they are known.
    #[serde(default)]
    pub bytes: Option<u64>,
    /// The CPU time of the worker's process while the task ran, divided by the tasks that ran at the same time.
    #[serde(default)]
    pub cpu_us: Option<u64>,
    /// The names of its Python functions.
    #[serde(default)]
    pub functions: Vec<String>,
    /// The GIL of the worker while the task ran.
    #[serde(default)]
    pub gil: Option<GilRecord>,
    /// Whether it failed, was cancelled, or its worker died.
    #[serde(default)]
    pub failed: bool,
}
