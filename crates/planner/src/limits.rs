//! Bounds on what is believed. They keep a wrong figure from turning into millions of processes.

/// The most CPUs, GPUs or workers that one node can have, in a layout and in what Ray reports.
pub const MAX_COUNT: u32 = 65_536;

/// The most memory that one node can report, in bytes (1 EiB).
pub(crate) const MAX_MEMORY_BYTES: u64 = 1 << 60;

/// The least memory that a worker can do with, in bytes: the private memory of an idle one (measured
/// with Daft 0.7.26 and Ray 2.60).
pub const WORKER_FLOOR_BYTES: u64 = 70 << 20;

/// The threads of a worker that is at work: 31 to 37 idle, 40 with compute and transfers (measured on Daft
/// 0.7.26, Ray 2.59 and 2.60).
pub(crate) const WORKER_THREADS: u64 = 40;
