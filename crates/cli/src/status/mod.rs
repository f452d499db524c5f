//! `protoplast status`: shows the fleets that run in a cluster.

mod fleets;
mod options;
mod table;

pub(crate) use fleets::Fleets;
pub use options::{Format, StatusOptions};
