//! What the start of a worker costs.

use crate::measured::{NEW_START_CPU_MS, PRESTARTED_START_CPU_MS};
use crate::placement::environment::fits_prestarted_process;
use crate::placement::worker::Worker;

/// The CPU time that a worker needs to start, in milliseconds.
pub fn start_cpu_ms(worker: &Worker) -> u64 {
    if worker.node_layout.is_stock() || fits_prestarted_process(worker) {
        PRESTARTED_START_CPU_MS
    } else {
        NEW_START_CPU_MS
    }
}
