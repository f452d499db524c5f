use protoplast_planner as planner;
use pyo3::prelude::*;

use crate::layout::Layout;

const US_PER_S: f64 = 1_000_000.0;

/// On which workers a query runs, and why.
#[pyclass(frozen, module = "protoplast._core")]
pub struct Decision(pub planner::Decision);

#[pymethods]
impl Decision {
    #[getter]
    fn layout(&self) -> Layout {
        Layout(self.0.layout.clone())
    }

    #[getter]
    fn reason(&self) -> &str {
        &self.0.reason
    }

    /// The memory that the worker must have which runs the whole query, in bytes.
    #[getter]
    fn whole_query_bytes(&self) -> Option<u64> {
        self.0.whole.map(|whole| whole.memory_bytes)
    }

    /// The file to read a batch of, how many rows that is, and the key columns.
    #[getter]
    fn groups_to_sample(&self) -> Option<(String, u64, Vec<String>)> {
        let groups = self.0.groups_to_sample()?;
        Some((groups.file.clone(), planner::BATCH_ROWS, groups.keys.clone()))
    }

    #[getter]
    fn slots(&self) -> u64 {
        self.0.slots
    }

    #[getter]
    fn warns(&self) -> bool {
        self.0.warns
    }

    #[getter]
    fn hint(&self) -> Option<String> {
        self.0.hint()
    }

    #[getter]
    fn unsplit(&self) -> Option<String> {
        self.0.unsplit()
    }

    #[getter]
    fn cost(&self) -> Option<&str> {
        self.0.cost.as_deref()
    }

    #[getter]
    fn per_worker(&self) -> Option<&str> {
        self.0.per_worker.as_deref()
    }

    #[getter]
    fn scan_tasks(&self) -> u64 {
        self.0.profile.scans.tasks
    }

    #[getter]
    fn writes(&self) -> bool {
        self.0.profile.writes
    }

    #[getter]
    fn python_code(&self) -> Vec<String> {
        self.0.python_code.clone()
    }

    #[getter]
    fn python_tasks(&self) -> Option<u64> {
        let tasks = self.0.profile.python_stages.iter().map(|stage| stage.tasks);
        tasks.collect::<Option<Vec<_>>>()?.into_iter().max()
    }

    #[getter]
    fn memory_bytes(&self) -> u64 {
        self.0.profile.requests.iter().map(|request| request.memory_bytes).max().unwrap_or(0)
    }

    fn work_seen(&self, durations: Vec<(String, u64)>, known: Vec<Known>) -> Vec<Known> {
        let seen = self.0.work_seen(&durations, &known_work(known));
        seen.into_iter().map(|work| (work.operator, work.us_per_mib, work.gil_permille)).collect()
    }

    fn slower_shared(&self, durations: Vec<(String, u64)>, known: Vec<Known>) -> Vec<String> {
        self.0.slower_shared(&durations, &known_work(known))
    }

    /// Whether workers should tell how they use their GIL.
    #[getter]
    fn watches_gil(&self) -> bool {
        self.0.watches_gil
    }

    fn gil_seen(
        &self,
        durations: Vec<(String, u64)>,
        workers: Vec<(u32, f64, u64)>,
    ) -> Option<u64> {
        let of = |(slots, held, elapsed_us)| planner::GilUse { slots, held, elapsed_us };
        self.0.gil_seen(&durations, &workers.into_iter().map(of).collect::<Vec<_>>())
    }

    fn __repr__(&self) -> String {
        format!("<Decision {}: {}>", self.0.layout, self.0.reason)
    }
}

/// The name of an operator, its time for each MiB, and the thousandths of it in which it holds the GIL.
pub type Known = (String, u64, Option<u64>);

pub fn known_work(known: Vec<Known>) -> Vec<planner::KnownWork> {
    let of = |(operator, us_per_mib, gil_permille)| planner::KnownWork {
        operator,
        us_per_mib,
        gil_permille,
    };
    known.into_iter().map(of).collect()
}

#[pyfunction]
pub fn calls_at_once(begun: u64, workers: u32) -> u64 {
    planner::calls_at_once(begun, workers)
}

#[pyfunction]
pub fn can_grow(autoscaling_status: Option<&[u8]>) -> bool {
    let status = autoscaling_status.map(String::from_utf8_lossy);
    planner::can_grow(status.as_deref())
}

#[pyfunction]
pub fn reads_remote_files(plan_text: &str) -> bool {
    planner::reads_remote_files(plan_text)
}

#[pyfunction]
pub fn are_groups_scattered(rows: u64, keys: u64) -> bool {
    planner::GatheredGroups::are_scattered(rows, keys)
}

#[pyfunction]
pub fn is_worth_a_hint(seconds: f64, is_first: bool) -> bool {
    planner::is_worth_a_hint(seconds, is_first)
}

#[pyfunction]
pub fn expected_s(workers: u64, slots: u64, work_s: f64, tasks: u64) -> f64 {
    // A cast keeps what is negative or not a number at 0.
    let work_us = (work_s * US_PER_S) as u64;
    planner::expected_us(planner::FleetSize { workers, slots }, work_us, tasks) as f64 / US_PER_S
}

#[pyfunction]
pub fn reference_us() -> (u64, u64) {
    (planner::REFERENCE_RUNNER_US, planner::REFERENCE_WORKER_US)
}

#[pyfunction]
pub fn hand_out_ms(workers: u64) -> f64 {
    planner::FleetSize { workers, slots: workers }.hand_out_us() as f64 / 1000.0
}
