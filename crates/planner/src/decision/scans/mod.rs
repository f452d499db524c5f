//! How finely scans are split, when their files are merged, and how their rows are gathered again.

pub(crate) mod gather;
mod makespan;
pub(crate) mod merge;
pub(crate) mod split;
pub(crate) mod split_blocked;
