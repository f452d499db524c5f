//! What the tuner of a query's scans asks for, and what it is told.

use crate::cluster::node::Node;
use crate::decision::outcome::Decision;
use crate::decision::scans::gather::Output;
use crate::decision::scans::merge::Merge;
use crate::decision::scans::split_blocked::SplitBlocked;
use crate::layout::rules::Layout;

/// What is known of a query before its plan is read.
#[derive(Debug, Clone)]
pub struct TunerInput {
    /// The layout in force.
    pub layout: Layout,
    /// The nodes.
    pub nodes: Vec<Node>,
    /// The text of the optimized logical plan; empty if it is not known.
    pub logical: String,
    /// Whether the plan can be made anew with other options of Daft's.
    pub can_replan: bool,
    /// Why scans must stay as they are, if so.
    pub split_blocked: Option<SplitBlocked>,
    /// Whether the user leaves it open how many files a task reads.
    pub may_merge: bool,
    /// Whether it is known how the rows leave the query.
    pub knows_output: bool,
}

/// What is done next.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Find out whether an autoscaler may add nodes, and tell [`Observation::CanGrow`].
    AskCanGrow,
    /// Find out how the rows leave the query, and tell [`Observation::Output`].
    DescribeOutput,
    /// Read the footers of these files, and tell [`Observation::RowGroups`].
    ReadRowGroups(Vec<String>),
    /// Plan the query with small files read together, and tell [`Observation::Planned`].
    Merge(Merge),
    /// Plan the query with its scans split, and tell [`Observation::Planned`] or [`Observation::Unread`].
    Split {
        /// The most bytes of one file that a task reads, except that a row group is not split.
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
    /// Whether it is the last plan that was made; otherwise the one as Daft makes it.
    pub is_replanned: bool,
    /// Into how many partitions the rows are gathered at the end, if they are.
    pub gathered: Option<u64>,
    /// The workers.
    pub decision: Decision,
}

/// What was found out.
#[derive(Debug, Clone, PartialEq)]
pub enum Observation {
    /// A plan was made.
    Planned {
        /// Its text, `DistributedPhysicalPlan.repr_ascii(False)`.
        text: String,
        /// How many partitions it leaves, if they were counted.
        partitions: Option<u64>,
    },
    /// The plan could not be read in time.
    Unread,
    /// Whether an autoscaler may add nodes.
    CanGrow(bool),
    /// Of each file the compressed bytes of its row groups; empty if they could not be read.
    RowGroups(Vec<Vec<u64>>),
    /// How the rows leave the query.
    Output(OutputDescription),
}

/// How the rows of a query leave it as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputDescription {
    /// Whether they are collected or written.
    pub output: Output,
    /// How many partitions the plan as it is leaves, if Daft says so.
    pub partitions: Option<u64>,
    /// The columns with their types as Daft prints them.
    pub columns: Vec<(String, String)>,
    /// Whether Daft can gather partitions for it.
    pub can_gather: bool,
}
