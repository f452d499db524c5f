//! What Ray says of the nodes of a cluster, validated.

pub(crate) mod autoscaler;
pub(crate) mod node;
pub(crate) mod node_record;
pub(crate) mod numa;
pub(crate) mod resources;
