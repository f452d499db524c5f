//! The keywords of a layout's text form, and the lists of them that error messages show.

pub(crate) const AUTO: &str = "auto";
pub(crate) const PER_CORE: &str = "per-core";
pub(crate) const PER_NODE: &str = "per-node";
pub(crate) const PER_NUMA: &str = "per-numa";
pub(crate) const PER_GPU: &str = "per-gpu";
/// The kind that gives each worker a fixed number of CPUs.
pub const CPUS_PER_WORKER: &str = "cpus-per-worker";
/// The kind that gives each node a fixed number of workers.
pub const WORKERS_PER_NODE: &str = "workers-per-node";
pub(crate) const KINDS: &str = "'per-core', 'per-node', 'per-numa', 'per-gpu', 'cpus-per-worker=K', \
                                'workers-per-node=N', 'auto'";

pub(crate) const FIRST: &str = "first";
pub(crate) const SPREAD: &str = "spread";
pub(crate) const CORE: &str = "core";
pub(crate) const NUMA: &str = "numa";
pub(crate) const TRUE: &str = "true";
pub(crate) const FALSE: &str = "false";
pub(crate) const EAGER: &str = "eager";
pub(crate) const PROGRESSIVE: &str = "progressive";

pub(crate) const ARROW: &str = "->";
pub(crate) const RULE_END: char = ';';
pub(crate) const ANY: &str = "*";
pub(crate) const ID: &str = "id";
pub(crate) const ADDRESS: &str = "address";
pub(crate) const RESOURCE: &str = "resource";
pub(crate) const LABEL: &str = "label";
pub(crate) const SELECTORS: &str = "'*', 'id=<NodeID>', 'address=<address>', 'resource=<name>', \
                                    'label=<key>', 'label=<key>:<value>'";
