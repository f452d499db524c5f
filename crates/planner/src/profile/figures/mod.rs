//! Figures of a query: its stages, functions, workers and nodes, and the time of its slots by what they did.

pub(crate) mod functions;
pub(crate) mod gil_mean;
pub(crate) mod lost;
pub(crate) mod nodes;
pub(crate) mod stages;
pub(crate) mod usage;
