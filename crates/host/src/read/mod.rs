//! Reads what the operating system tells of the machine, of this process's container and of the process.

mod allowed;
mod available_memory;
mod cgroup;
mod memory;
mod memory_use;
mod numa_node;
mod open_files;
mod parent;
pub(crate) mod proc_text;
mod process_report;
mod thread_limit;
mod thread_schedule;
mod threads;
mod topology;

pub use allowed::allowed_cpus;
pub use available_memory::{AvailableMemory, available_memory};
pub use cgroup::CgroupLimits;
pub use memory::host_memory_bytes;
pub use memory_use::{MemoryUse, memory_use, reset_peak};
pub use numa_node::NumaNode;
pub use open_files::files_being_written;
pub use parent::parent_variable;
pub use process_report::ProcessReport;
pub use thread_limit::threads_allowed;
pub use thread_schedule::{Scheduled, ThreadSchedule};
pub use threads::has_thread_named;
pub(crate) use threads::{if_alive, threads};
pub use topology::{Topology, numa_nodes};
