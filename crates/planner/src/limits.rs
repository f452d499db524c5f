//! Upper limits for input. They keep a wrong number from becoming millions of processes.

/// The most CPUs, GPUs or workers of one node, in a layout and in what Ray reports.
pub const MAX_COUNT: u32 = 65_536;

/// The most memory that one node can report, in bytes (1 EiB).
pub(crate) const MAX_MEMORY_BYTES: u64 = 1 << 60;
