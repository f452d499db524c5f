//! What is asked of the operating system, on Linux. No other crate asks it anything.
//!
//! Everything that is read or changed goes through a [`System`], which is [`Linux`] in earnest and a
//! tree of files in memory in the tests. What is made of the answers is pure: a [`Topology`] and the
//! allowed CPUs go in, the CPUs of each worker come out.

mod assign;
mod cpu_list;
mod cpu_set;
mod error;
mod linux;
mod pin;
mod read;
mod system;

pub use assign::{assign_cores, assign_numa};
pub use cpu_set::{CpuSet, MAX_CPU};
pub use error::Error;
pub use linux::Linux;
pub use pin::{Pin, pin, pin_worker};
pub use read::{
    CgroupLimits, NumaNode, ProcessReport, Topology, allowed_cpus, files_being_written,
    has_thread_named, host_memory_bytes, numa_nodes, parent_variable, threads_allowed,
};
pub use system::System;
