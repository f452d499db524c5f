use protoplast_planner as planner;
use pyo3::prelude::*;

use crate::error::CoreError;

/// Where the time of a query's worker slots went.
#[pyclass(frozen, module = "protoplast._core")]
pub struct Profile(planner::Profile);

#[pymethods]
impl Profile {
    #[new]
    fn new(py: Python<'_>, record: &str) -> Result<Self, CoreError> {
        let read = |error: serde_json::Error| CoreError::Unreadable(error.to_string());
        py.detach(|| Ok(Self(planner::Profile::of(serde_json::from_str(record).map_err(read)?))))
    }

    #[getter]
    fn advice(&self) -> Vec<(String, Option<f64>)> {
        self.0.advice().iter().map(|advice| (advice.sentence.clone(), advice.gain)).collect()
    }

    #[getter]
    fn accounted(&self) -> f64 {
        self.0.accounted()
    }

    fn table(&self, py: Python<'_>) -> String {
        py.detach(|| self.0.table())
    }

    fn to_svg(&self, py: Python<'_>, dark: bool) -> String {
        py.detach(|| self.0.to_svg(dark))
    }

    fn to_html(&self, py: Python<'_>) -> String {
        py.detach(|| self.0.to_html())
    }

    fn to_json(&self, py: Python<'_>) -> String {
        py.detach(|| self.0.to_json())
    }

    fn to_trace(&self, py: Python<'_>) -> String {
        py.detach(|| self.0.to_trace())
    }
}
