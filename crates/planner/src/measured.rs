//! Every figure that was measured and that something is decided by. What is said of them elsewhere, in text that
//! users read, is asked from here or held against it by a test.

/// What the figures were measured with, on 2 cores.
pub const MEASURED_WITH: &str = "Daft 0.7.26 and Ray 2.59";

/// The private memory of a worker of one CPU once it is idle, in bytes (`make bench-workers`). A worker cannot do
/// with less.
pub const WORKER_PRIVATE_BYTES: u64 = 78_000_000;

/// The threads of a worker at work: 31 to 37 if it is idle, 40 with compute and transfers.
pub(crate) const WORKER_THREADS: u64 = 40;

/// What a worker takes to start in a process that Ray has ready, as Daft's own does, in CPU-milliseconds
/// (`make bench-workers`).
pub const READY_START_CPU_MS: u64 = 900;

/// The same of one whose process Ray has to start with an environment, which it does in two steps.
pub const NEW_START_CPU_MS: u64 = 1_400;

/// What a task takes beside its work, in milliseconds: half of it until its worker has it, half CPU time.
pub(crate) const TASK_OVERHEAD_MS: u64 = 16;

/// What a core reads in a millisecond, in bytes.
pub(crate) const READ_BYTES_PER_MS: u64 = 512 << 10;
