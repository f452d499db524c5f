//! What is there, held against the plan.

pub(crate) mod created;
pub(crate) mod drift;
pub(crate) mod in_effect;
pub(crate) mod report;
