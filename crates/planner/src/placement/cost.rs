//! What a worker costs to start.

use crate::measured::{NEW_START_CPU_MS, READY_START_CPU_MS};
use crate::placement::environment::fits_prestarted_process;
use crate::placement::worker::Worker;

/// What a worker takes to start, in CPU-milliseconds.
pub fn start_cpu_ms(worker: &Worker) -> u64 {
    if worker.node_layout.is_stock() || fits_prestarted_process(worker) {
        READY_START_CPU_MS
    } else {
        NEW_START_CPU_MS
    }
}
