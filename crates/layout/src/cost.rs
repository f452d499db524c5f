//! What a worker costs to exist, apart from its work, as `make bench-workers` measures it.

/// What the figures were measured with, on 2 cores.
pub const MEASURED_WITH: &str = "Daft 0.7.26 and Ray 2.59";

/// The private memory of a worker of one CPU once it is idle, in bytes.
pub const WORKER_PRIVATE_BYTES: u64 = 78_000_000;

/// What a worker takes to start, in CPU-milliseconds. Ray starts a process in two steps where it has to
/// set an environment.
pub const WORKER_START_CPU_MS: u64 = 1_400;

/// What Daft's own worker takes to start, in CPU-milliseconds.
pub const STOCK_START_CPU_MS: u64 = 900;
