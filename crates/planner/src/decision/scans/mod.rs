//! How finely scans are cut, and how their rows are gathered again.

pub(crate) mod gather;
mod makespan;
pub(crate) mod merge;
pub(crate) mod split;
pub(crate) mod split_blocked;
