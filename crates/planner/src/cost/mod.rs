//! What the tasks of a query cost on a fleet, and how many tasks cost least.

pub(crate) mod fleet_size;
pub(crate) mod gil_use;
pub(crate) mod group_size;
pub(crate) mod known_work;
pub(crate) mod references;
pub(crate) mod tasks;
