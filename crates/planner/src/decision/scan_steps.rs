//! The steps that the tuner of a query's scans asks for, and the observations that it gets back.

use crate::cluster::node::Node;
use crate::cost::known_work::KnownWork;
use crate::decision::one_worker::OneWorkerBlocked;
use crate::decision::outcome::Decision;
use crate::decision::scans::gather::Output;
use crate::decision::scans::merge::Merge;
use crate::decision::scans::split_blocked::SplitBlocked;
use crate::instances::scarce::Scarce;
use crate::layout::rules::Layout;

/// What is known of a query before its plan is read.
#[derive(Debug, Clone)]
pub struct TunerInput {
    /// The layout in force.
    pub layout: Layout,
    /// The nodes of the cluster.
    pub nodes: Vec<Node>,
    /// The text of the optimized logical plan; empty if it is unknown.
    pub logical: String,
    /// The classes whose instances do not fit into every worker, as earlier queries have shown.
    pub scarce: Vec<Scarce>,
    /// How long Python code takes, as earlier queries have shown.
    pub work: Vec<KnownWork>,
    /// Why the query cannot run as one task on one worker, if so.
    pub one_worker_blocked: Option<OneWorkerBlocked>,
    /// Whether Daft can plan the query again with other options.
    pub can_replan: bool,
    /// Why the scans must not be split, if so.
    pub split_blocked: Option<SplitBlocked>,
    /// Whether small files may be merged, because the user has set no option for it.
    pub may_merge: bool,
    /// Whether it is known how the rows leave the query.
    pub knows_output: bool,
}

/// What the caller does next.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Find out whether an autoscaler may add nodes, and answer with [`Observation::CanGrow`].
    AskCanGrow,
    /// Find out how the rows leave the query, and answer with [`Observation::Output`].
    DescribeOutput,
    /// Read the footers of these files, and answer with [`Observation::RowGroups`].
    ReadRowGroups(Vec<String>),
    /// Plan the query with small files merged, and answer with [`Observation::Planned`].
    Merge(Merge),
    /// Plan the query with its scans split, and answer with [`Observation::Planned`] or
    /// [`Observation::Unread`].
    Split {
        /// The most bytes of one file that a task reads, except that no row group is split.
        bytes: u64,
        /// Whether the partitions that the plan leaves are to be counted.
        counts_partitions: bool,
    },
    /// Run the query.
    Run(Box<Run>),
}

/// Which plan of a query runs, and on which workers.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Whether the last plan that was made runs; otherwise Daft's original plan runs.
    pub is_replanned: bool,
    /// Into how many partitions the rows are gathered at the end, if they are.
    pub gathered: Option<u64>,
    /// The decision for the plan that runs.
    pub decision: Decision,
}

/// What the caller found out.
#[derive(Debug, Clone, PartialEq)]
pub enum Observation {
    /// A plan was made.
    Planned {
        /// The text of the plan, `DistributedPhysicalPlan.repr_ascii(False)`.
        text: String,
        /// How many partitions the plan leaves, if they were counted.
        partitions: Option<u64>,
    },
    /// The plan could not be read in time.
    Unread,
    /// Whether an autoscaler may add nodes.
    CanGrow(bool),
    /// For each file the compressed bytes of its row groups; empty if they could not be read.
    RowGroups(Vec<Vec<u64>>),
    /// How the rows leave the query.
    Output(OutputDescription),
}

/// How the rows of a query leave it without a split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputDescription {
    /// Whether the rows are collected or written.
    pub output: Output,
    /// How many partitions Daft's original plan leaves, if Daft reports it.
    pub partitions: Option<u64>,
    /// The columns of the result, with their types as Daft prints them.
    pub columns: Vec<(String, String)>,
    /// Whether Daft can gather partitions for it.
    pub can_gather: bool,
}
