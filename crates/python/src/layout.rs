use std::num::NonZeroU32;

use protoplast_layout::{Gpus, Kind, Layout as Inner};
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyBool, PyInt, PyString, PyType};

use crate::error::{CoreError, printed};

/// How a node is cut into workers.
#[pyclass(frozen, eq, hash, module = "protoplast")]
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Layout(pub Inner);

#[pymethods]
impl Layout {
    #[staticmethod]
    fn parse(text: &Bound<'_, PyAny>) -> Result<Self, CoreError> {
        match text.cast::<PyString>() {
            Ok(text) => Ok(Self(text.to_string_lossy().parse()?)),
            Err(_) => Err(CoreError::wrong_type("the text of a layout", "a str", text)),
        }
    }

    #[staticmethod]
    #[pyo3(signature = (*, max_workers = None, gpus = None))]
    fn per_core(
        max_workers: Option<&Bound<'_, PyAny>>,
        gpus: Option<&Bound<'_, PyAny>>,
    ) -> Result<Self, CoreError> {
        build(Kind::PerCore, max_workers, gpus)
    }

    #[staticmethod]
    fn per_node() -> Self {
        Self(Inner::new(Kind::PerNode))
    }

    #[staticmethod]
    #[pyo3(signature = (cpus, *, max_workers = None, gpus = None))]
    fn cpus_per_worker(
        cpus: &Bound<'_, PyAny>,
        max_workers: Option<&Bound<'_, PyAny>>,
        gpus: Option<&Bound<'_, PyAny>>,
    ) -> Result<Self, CoreError> {
        build(Kind::CpusPerWorker(count("cpus-per-worker", cpus)?), max_workers, gpus)
    }

    #[staticmethod]
    #[pyo3(signature = (workers, *, max_workers = None, gpus = None))]
    fn workers_per_node(
        workers: &Bound<'_, PyAny>,
        max_workers: Option<&Bound<'_, PyAny>>,
        gpus: Option<&Bound<'_, PyAny>>,
    ) -> Result<Self, CoreError> {
        build(Kind::WorkersPerNode(count("workers-per-node", workers)?), max_workers, gpus)
    }

    /// The layout where none is given: a worker for each CPU.
    #[staticmethod]
    fn default() -> Self {
        Self(Inner::default())
    }

    /// Whether each worker has GPUs of its own, which its process has to be told.
    #[getter]
    fn spreads_gpus(&self) -> bool {
        self.0.gpus() == Gpus::Spread
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        format!("Layout.parse('{}')", self.0)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((PyType::new::<Self>(py).getattr("parse")?, (self.0.to_string(),)))
    }
}

fn build(
    kind: Kind,
    max_workers: Option<&Bound<'_, PyAny>>,
    gpus: Option<&Bound<'_, PyAny>>,
) -> Result<Layout, CoreError> {
    let max = max_workers.map(|given| count("max-workers", given)).transpose()?;
    let gpus = gpus.map_or(Ok(Gpus::default()), |given| match given.cast::<PyString>() {
        Ok(text) => Inner::gpus_from(&text.to_string_lossy()),
        Err(_) => Inner::gpus_from(&printed(given)),
    })?;
    Ok(Layout(Inner::new(kind).with_max_workers(max).with_gpus(gpus)))
}

/// A layout from itself or from its text.
#[pyfunction]
pub fn as_layout(given: &Bound<'_, PyAny>) -> Result<Layout, CoreError> {
    if let Ok(layout) = given.cast::<Layout>() {
        return Ok(*layout.get());
    }
    match given.cast::<PyString>() {
        Ok(text) => Ok(Layout(text.to_string_lossy().parse()?)),
        Err(_) => Err(CoreError::wrong_type("a layout", "a Layout or its text", given)),
    }
}

/// A count from Python, read through its text so that an int of any size has the same error.
fn count(name: &str, given: &Bound<'_, PyAny>) -> Result<NonZeroU32, CoreError> {
    let text = printed(given);
    if given.is_instance_of::<PyInt>() && !given.is_instance_of::<PyBool>() {
        return Ok(Inner::count(name, &text)?);
    }
    Err(Inner::bad_count(name, &text).into())
}
