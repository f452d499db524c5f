//! Bounds on what is believed. They keep a wrong figure from turning into millions of processes.

/// The most CPUs, GPUs or workers that one node can have, in a layout and in what Ray reports.
pub const MAX_COUNT: u32 = 65_536;

/// The most memory that one node can report, in bytes (1 EiB).
pub(crate) const MAX_MEMORY_BYTES: u64 = 1 << 60;
