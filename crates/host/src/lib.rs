//! Reads from and changes the operating system, on Linux. No other crate does.
//!
//! Everything is read and changed through a [`System`], which is [`Linux`] at runtime and a tree of files in
//! memory in the tests. The assignment is pure: it takes a [`Topology`] and the allowed CPUs and returns the
//! CPUs of each worker.

mod assign;
mod cpu_list;
mod cpu_set;
mod error;
mod linux;
mod pin;
mod read;
mod system;
mod thread_slice;

pub use assign::{assign_cores, assign_numa};
pub use cpu_set::{CpuSet, MAX_CPU};
pub use error::Error;
pub use linux::Linux;
pub use pin::{Pin, pin, pin_worker};
pub use read::{
    AvailableMemory, CgroupLimits, MemoryUse, NumaNode, ProcessReport, Scheduled, ThreadSchedule,
    Topology, allowed_cpus, available_memory, files_being_written, has_thread_named,
    host_memory_bytes, memory_use, numa_nodes, parent_variable, reset_peak, threads_allowed,
};
pub use system::System;
pub use thread_slice::take_short_slices;
