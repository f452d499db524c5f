use std::process;
use std::sync::{Mutex, MutexGuard, PoisonError};

use protoplast_planner::{GilCounters, GilShare};
use pyo3::prelude::*;

use crate::gil::thread::GilThread;

/// Microseconds watched, samples, blocked samples, and microseconds waited.
pub type Counters = (u64, u64, u64, u64);

/// How a process used its GIL over a time.
#[pyclass(frozen, get_all, module = "protoplast._core")]
pub struct GilWindow {
    held: f64,
    waited: f64,
    samples: u64,
}

impl From<GilShare> for GilWindow {
    fn from(GilShare { held, waited, samples }: GilShare) -> Self {
        Self { held, waited, samples }
    }
}

/// Watches the GIL of this process.
///
/// The lock is held only by threads that hold the GIL and do not let it go, so that it is free when a process is
/// forked.
#[pyclass(frozen, module = "protoplast._core")]
pub struct GilProbe(Mutex<Watch>);

/// What one process has watched.
struct Watch {
    /// The process. A process that was forked from it has no thread that watches.
    pid: u32,
    /// What threads have counted that have ended.
    before: GilCounters,
    thread: Option<GilThread>,
}

impl Watch {
    fn new() -> Self {
        Self { pid: process::id(), before: GilCounters::default(), thread: None }
    }

    fn counters(&self, py: Python<'_>) -> GilCounters {
        match &self.thread {
            Some(thread) => self.before.and(thread.counters(py)),
            None => self.before,
        }
    }
}

impl GilProbe {
    fn watch(&self) -> MutexGuard<'_, Watch> {
        let mut watch = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if watch.pid != process::id() {
            *watch = Watch::new();
        }
        watch
    }
}

#[pymethods]
impl GilProbe {
    #[new]
    fn new() -> Self {
        Self(Mutex::new(Watch::new()))
    }

    fn start(&self) -> PyResult<()> {
        let mut watch = self.watch();
        if watch.thread.is_none() {
            watch.thread = Some(GilThread::start()?);
        }
        Ok(())
    }

    fn stop(&self, py: Python<'_>) {
        let thread = {
            let mut watch = self.watch();
            watch.before = watch.counters(py);
            watch.thread.take()
        };
        if let Some(thread) = thread {
            thread.end(py);
        }
    }

    #[getter]
    fn is_running(&self) -> bool {
        self.watch().thread.is_some()
    }

    fn counters(&self, py: Python<'_>) -> Counters {
        let GilCounters { elapsed_us, samples, blocked, waited_us } = self.watch().counters(py);
        (elapsed_us, samples, blocked, waited_us)
    }

    /// Returns None if the GIL was not asked for since then.
    #[pyo3(signature = (since = None, /))]
    fn window(&self, py: Python<'_>, since: Option<Counters>) -> Option<GilWindow> {
        gil_window(self.counters(py), since)
    }
}

/// Computes the shares from two readings of the counters.
#[pyfunction]
#[pyo3(signature = (counters, since = None, /))]
pub fn gil_window(counters: Counters, since: Option<Counters>) -> Option<GilWindow> {
    let counted = of_tuple(counters).since(since.map(of_tuple).unwrap_or_default());
    counted.share().map(Into::into)
}

/// Reads a tuple of counters.
pub fn of_tuple((elapsed_us, samples, blocked, waited_us): Counters) -> GilCounters {
    GilCounters { elapsed_us, samples, blocked, waited_us }
}
