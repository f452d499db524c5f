//! The words of a layout's text form, and how error messages list them.

pub(crate) const PER_CORE: &str = "per-core";
pub(crate) const PER_NODE: &str = "per-node";
pub(crate) const CPUS_PER_WORKER: &str = "cpus-per-worker";
pub(crate) const WORKERS_PER_NODE: &str = "workers-per-node";
pub(crate) const KINDS: &str = "'per-core', 'per-node', 'cpus-per-worker=K', 'workers-per-node=N'";

pub(crate) const MAX_WORKERS: &str = "max-workers";
pub(crate) const GPUS: &str = "gpus";
pub(crate) const FIRST: &str = "first";
pub(crate) const SPREAD: &str = "spread";
pub(crate) const OPTIONS: &str = "'max-workers=M', 'gpus=first', 'gpus=spread'";
