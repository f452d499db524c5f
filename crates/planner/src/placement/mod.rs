//! The workers that a layout gives a cluster: which nodes are targets, and which share of its node each worker
//! gets.

pub(crate) mod async_calls;
pub(crate) mod cost;
pub(crate) mod covers;
pub(crate) mod devices;
pub(crate) mod environment;
pub(crate) mod existing;
pub(crate) mod memory_share;
pub(crate) mod plan;
pub(crate) mod ranges;
pub(crate) mod refresh;
pub(crate) mod retry;
pub(crate) mod shared_hosts;
pub(crate) mod targets;
pub(crate) mod worker;
pub(crate) mod worker_id;
