use protoplast_planner as planner;
use protoplast_planner::FleetSize;
use pyo3::prelude::*;

const US_PER_S: f64 = 1_000_000.0;

#[pyfunction]
pub fn expected_s(workers: u64, slots: u64, work_s: f64, tasks: u64) -> f64 {
    // A cast keeps what is negative or not a number at 0.
    let work_us = (work_s * US_PER_S) as u64;
    planner::expected_us(FleetSize { workers, slots }, work_us, tasks) as f64 / US_PER_S
}

#[pyfunction]
pub fn hand_out_ms(workers: u64) -> f64 {
    FleetSize { workers, slots: workers }.hand_out_us() as f64 / 1000.0
}
