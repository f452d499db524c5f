//! What a worker costs to exist, apart from its work, as `make bench-workers` measures it.

use crate::placement::environment::fits_prestarted_process;
use crate::placement::worker::Worker;

/// What the figures were measured with, on 2 cores.
pub const MEASURED_WITH: &str = "Daft 0.7.26 and Ray 2.59";

/// The private memory of a worker of one CPU once it is idle, in bytes.
pub const WORKER_PRIVATE_BYTES: u64 = 78_000_000;

/// What a worker takes to start in a process that Ray has ready, as Daft's own does, in CPU-milliseconds.
pub const READY_START_CPU_MS: u64 = 900;

/// The same of one whose process Ray has to start with an environment, which it does in two steps.
pub const NEW_START_CPU_MS: u64 = 1_400;

/// What a worker takes to start, in CPU-milliseconds.
pub fn start_cpu_ms(worker: &Worker) -> u64 {
    if worker.node_layout.is_stock() || fits_prestarted_process(worker) {
        READY_START_CPU_MS
    } else {
        NEW_START_CPU_MS
    }
}
