//! What is asked of the operating system, on Linux. No other crate asks it anything.
//!
//! Everything that is read or changed goes through a [`System`], which is [`Linux`] in earnest and a
//! tree of files in memory in the tests. What is made of the answers is pure: a [`Topology`] and the
//! allowed CPUs go in, the CPUs of each worker come out.

mod allowed;
mod ask;
mod assign;
mod cgroup;
mod cores;
mod cpu_set;
mod error;
mod linux;
mod memory;
mod mounts;
mod numa;
mod open_files;
mod pack;
mod pin;
mod process;
mod put_back;
mod report;
mod rooms;
mod share;
mod system;
mod thread_names;
mod threads;
mod topology;

pub use allowed::allowed_cpus;
pub use assign::{assign_cores, assign_numa};
pub use cgroup::CgroupLimits;
pub use cpu_set::{CpuSet, MAX_CPU};
pub use error::Error;
pub use linux::Linux;
pub use memory::host_memory_bytes;
pub use numa::{NumaNode, numa_nodes};
pub use open_files::files_being_written;
pub use pin::pin;
pub use process::parent_variable;
pub use report::ProcessReport;
pub use share::{Pin, pin_worker};
pub use system::System;
pub use thread_names::has_thread_named;
pub use threads::threads_allowed;
pub use topology::Topology;
