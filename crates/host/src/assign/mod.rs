//! Assigns CPUs to the workers of a node. It is pure: it takes a topology, the allowed CPUs and the widths.

mod assign_workers;
mod bin_pack;
mod core_allocator;
mod numa_bins;

pub use assign_workers::{assign_cores, assign_numa};
