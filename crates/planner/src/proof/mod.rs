//! Compares the workers that exist with the plan, and reports both.

pub(crate) mod created;
pub(crate) mod drift;
pub(crate) mod in_effect;
pub(crate) mod report;
