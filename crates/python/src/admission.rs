use protoplast_planner as planner;
use protoplast_planner::{Copies, Footprint};
use pyo3::prelude::*;

/// What the instance of an object costs, and how many workers have it.
#[pyclass(frozen, get_all, module = "protoplast._core")]
pub struct InstanceCopies {
    bytes: u64,
    peak_bytes: u64,
    seconds: Option<f64>,
    task_seconds: Option<f64>,
    workers: usize,
    of: usize,
    is_limited: bool,
    line: String,
}

/// Decides which worker runs a task whose rows go through class UDFs, and when.
#[pyclass(module = "protoplast._core")]
#[derive(Default)]
pub struct Admission(planner::Admission);

#[pymethods]
impl Admission {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    fn add_worker(&mut self, worker: &str, node: &str, slots: u32, of: usize) {
        self.0.add_worker(worker, node, slots, of);
    }

    fn remove_worker(&mut self, worker: &str) {
        self.0.remove_worker(worker);
    }

    #[pyo3(signature = (key, own_bytes, peak_bytes, seconds = None, task_seconds = None))]
    fn expect(
        &mut self,
        key: &str,
        own_bytes: u64,
        peak_bytes: u64,
        seconds: Option<f64>,
        task_seconds: Option<f64>,
    ) {
        self.0.expect(key, Footprint { bytes: own_bytes, peak_bytes, seconds }, task_seconds);
    }

    fn expect_tasks(&mut self, key: &str, tasks: u64) {
        self.0.expect_tasks(key, tasks);
    }

    fn end_tasks(&mut self, key: &str) {
        self.0.end_tasks(key);
    }

    fn set_memory(&mut self, worker: &str, available: u64, total: u64) {
        self.0.set_memory(worker, available, total);
    }

    fn submit(&mut self, task: u64, position: u64, worker: &str, keys: Vec<String>, now: f64) {
        self.0.submit(task, position, worker, keys, now);
    }

    fn cancel(&mut self, task: u64) {
        self.0.cancel(task);
    }

    fn admit(&mut self, now: f64) -> Vec<(u64, String)> {
        self.0.admit(now)
    }

    fn has_waiting(&self) -> bool {
        self.0.has_waiting()
    }

    fn building(&mut self, worker: &str, key: &str) {
        self.0.building(worker, key);
    }

    fn built(
        &mut self,
        worker: &str,
        key: &str,
        own_bytes: u64,
        peak_bytes: u64,
        seconds: f64,
        now: f64,
    ) {
        let footprint = Footprint { bytes: own_bytes, peak_bytes, seconds: Some(seconds) };
        self.0.built(worker, key, footprint, now);
    }

    fn failed(&mut self, worker: &str, key: &str) {
        self.0.failed(worker, key);
    }

    fn ended(&mut self, task: u64, now: f64) {
        self.0.ended(task, now);
    }

    /// Returns None if no worker has built the instance.
    fn copies(&self, key: &str, name: &str) -> Option<InstanceCopies> {
        let copies = self.0.copies(key);
        let line = planner::copies_line(name, &copies)?;
        let Copies { footprint, workers, of, is_limited } = copies;
        let Footprint { bytes, peak_bytes, seconds } = footprint?;
        let task_seconds = self.0.task_seconds(key);
        Some(InstanceCopies {
            bytes,
            peak_bytes,
            seconds,
            task_seconds,
            workers,
            of,
            is_limited,
            line,
        })
    }

    fn forget(&mut self, key: &str) {
        self.0.forget(key);
    }
}

#[pyfunction]
#[pyo3(signature = (udf, class_name, /))]
pub fn is_of_class(udf: &str, class_name: &str) -> bool {
    planner::is_of_class(udf, class_name)
}
