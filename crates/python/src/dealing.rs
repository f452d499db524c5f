use protoplast_planner as planner;
use pyo3::prelude::*;

/// Deals the tasks that Daft sends to a group of workers among these.
#[pyclass(module = "protoplast._core")]
#[derive(Default)]
pub struct Dealing(planner::Dealing);

#[pymethods]
impl Dealing {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    fn join(&mut self, worker_id: &str) -> u64 {
        self.0.join(worker_id)
    }

    fn deal(&mut self) -> Option<u64> {
        self.0.deal()
    }

    fn ended(&mut self, number: u64) {
        self.0.ended(number);
    }

    fn lose(&mut self, number: u64) {
        self.0.lose(number);
    }

    fn present(&self) -> Vec<String> {
        self.0.present().map(str::to_owned).collect()
    }

    fn lost(&self) -> Vec<String> {
        self.0.lost().to_vec()
    }
}
