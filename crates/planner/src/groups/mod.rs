//! Groups of a node's workers: which of them Daft's scheduler takes for one worker, and how they share its tasks.

pub(crate) mod dealing;
pub(crate) mod in_groups;
