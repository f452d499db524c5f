//! The nodes of a cluster as Ray reports them, validated. Nothing in this folder knows of layouts or queries.

pub(crate) mod autoscaler;
pub(crate) mod node;
pub(crate) mod node_record;
pub(crate) mod numa;
pub(crate) mod resources;
