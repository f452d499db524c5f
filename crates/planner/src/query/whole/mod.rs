//! Whether one worker can run a whole query as one task, and what tells whether that is fast.

pub(crate) mod gathered_groups;
pub(crate) mod plan;
pub(crate) mod write;
