use protoplast_layout::{CPUS_PER_WORKER, Kind, Layout as Inner, WORKERS_PER_NODE};
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyString, PyType};

use crate::error::CoreError;
use crate::node;
use crate::options::{Options, count};
use crate::rules::rules;

/// How the nodes of a cluster are cut into workers.
#[pyclass(frozen, eq, hash, module = "protoplast")]
#[derive(Clone, PartialEq, Eq, Hash)]
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
    fn by_node(rules: &Bound<'_, PyAny>) -> Result<Self, CoreError> {
        crate::rules::rules(rules)?.ok_or_else(|| {
            CoreError::wrong_type("rules", "a list of (selector, layout) with at least one", rules)
        })
    }

    #[staticmethod]
    #[pyo3(signature = (*, max_workers = None, gpus = None, memory = None, threads = None, pin = None, pin_fallback = None, startup = None))]
    fn per_core(
        max_workers: Option<&Bound<'_, PyAny>>,
        gpus: Option<&Bound<'_, PyAny>>,
        memory: Option<&Bound<'_, PyAny>>,
        threads: Option<&Bound<'_, PyAny>>,
        pin: Option<&Bound<'_, PyAny>>,
        pin_fallback: Option<&Bound<'_, PyAny>>,
        startup: Option<&Bound<'_, PyAny>>,
    ) -> Result<Self, CoreError> {
        let options = Options { max_workers, gpus, memory, threads, pin, pin_fallback, startup };
        options.layout(Kind::PerCore)
    }

    #[staticmethod]
    #[pyo3(signature = (*, memory = None, threads = None, pin = None, pin_fallback = None))]
    fn per_node(
        memory: Option<&Bound<'_, PyAny>>,
        threads: Option<&Bound<'_, PyAny>>,
        pin: Option<&Bound<'_, PyAny>>,
        pin_fallback: Option<&Bound<'_, PyAny>>,
    ) -> Result<Self, CoreError> {
        let options = Options { memory, threads, pin, pin_fallback, ..Options::default() };
        options.layout(Kind::PerNode)
    }

    #[staticmethod]
    #[pyo3(signature = (*, max_workers = None, gpus = None, memory = None, threads = None, pin = None, pin_fallback = None, startup = None))]
    fn per_numa(
        max_workers: Option<&Bound<'_, PyAny>>,
        gpus: Option<&Bound<'_, PyAny>>,
        memory: Option<&Bound<'_, PyAny>>,
        threads: Option<&Bound<'_, PyAny>>,
        pin: Option<&Bound<'_, PyAny>>,
        pin_fallback: Option<&Bound<'_, PyAny>>,
        startup: Option<&Bound<'_, PyAny>>,
    ) -> Result<Self, CoreError> {
        let options = Options { max_workers, gpus, memory, threads, pin, pin_fallback, startup };
        options.layout(Kind::PerNuma)
    }

    #[staticmethod]
    #[pyo3(signature = (*, max_workers = None, memory = None, threads = None, pin = None, pin_fallback = None, startup = None))]
    fn per_gpu(
        max_workers: Option<&Bound<'_, PyAny>>,
        memory: Option<&Bound<'_, PyAny>>,
        threads: Option<&Bound<'_, PyAny>>,
        pin: Option<&Bound<'_, PyAny>>,
        pin_fallback: Option<&Bound<'_, PyAny>>,
        startup: Option<&Bound<'_, PyAny>>,
    ) -> Result<Self, CoreError> {
        let options =
            Options { max_workers, gpus: None, memory, threads, pin, pin_fallback, startup };
        options.layout(Kind::PerGpu)
    }

    #[staticmethod]
    #[pyo3(signature = (cpus, *, max_workers = None, gpus = None, memory = None, threads = None, pin = None, pin_fallback = None, startup = None))]
    #[expect(clippy::too_many_arguments, reason = "each is a keyword in Python")]
    fn cpus_per_worker(
        cpus: &Bound<'_, PyAny>,
        max_workers: Option<&Bound<'_, PyAny>>,
        gpus: Option<&Bound<'_, PyAny>>,
        memory: Option<&Bound<'_, PyAny>>,
        threads: Option<&Bound<'_, PyAny>>,
        pin: Option<&Bound<'_, PyAny>>,
        pin_fallback: Option<&Bound<'_, PyAny>>,
        startup: Option<&Bound<'_, PyAny>>,
    ) -> Result<Self, CoreError> {
        let options = Options { max_workers, gpus, memory, threads, pin, pin_fallback, startup };
        options.layout(Kind::CpusPerWorker(count(CPUS_PER_WORKER, cpus)?))
    }

    #[staticmethod]
    #[pyo3(signature = (workers, *, max_workers = None, gpus = None, memory = None, threads = None, pin = None, pin_fallback = None, startup = None))]
    #[expect(clippy::too_many_arguments, reason = "each is a keyword in Python")]
    fn workers_per_node(
        workers: &Bound<'_, PyAny>,
        max_workers: Option<&Bound<'_, PyAny>>,
        gpus: Option<&Bound<'_, PyAny>>,
        memory: Option<&Bound<'_, PyAny>>,
        threads: Option<&Bound<'_, PyAny>>,
        pin: Option<&Bound<'_, PyAny>>,
        pin_fallback: Option<&Bound<'_, PyAny>>,
        startup: Option<&Bound<'_, PyAny>>,
    ) -> Result<Self, CoreError> {
        let options = Options { max_workers, gpus, memory, threads, pin, pin_fallback, startup };
        options.layout(Kind::WorkersPerNode(count(WORKERS_PER_NODE, workers)?))
    }

    #[staticmethod]
    #[pyo3(signature = (*, max_workers = None, gpus = None, memory = None, threads = None, pin = None, pin_fallback = None, startup = None))]
    fn auto(
        max_workers: Option<&Bound<'_, PyAny>>,
        gpus: Option<&Bound<'_, PyAny>>,
        memory: Option<&Bound<'_, PyAny>>,
        threads: Option<&Bound<'_, PyAny>>,
        pin: Option<&Bound<'_, PyAny>>,
        pin_fallback: Option<&Bound<'_, PyAny>>,
        startup: Option<&Bound<'_, PyAny>>,
    ) -> Result<Self, CoreError> {
        let options = Options { max_workers, gpus, memory, threads, pin, pin_fallback, startup };
        options.layout(Kind::Auto)
    }

    /// The layout where none is given: a worker for each CPU.
    #[staticmethod]
    fn default() -> Self {
        Self(Inner::default())
    }

    #[getter]
    fn meant(&self) -> Vec<Self> {
        self.0.meant().into_iter().map(Self).collect()
    }

    fn needs_numa(&self, nodes: &Bound<'_, PyAny>) -> Result<Vec<bool>, CoreError> {
        Ok(node::nodes(nodes)?.iter().map(|node| self.0.needs_numa(node)).collect())
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("Layout.parse({})", PyString::new(py, &self.0.to_string()).repr()?))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((PyType::new::<Self>(py).getattr("parse")?, (self.0.to_string(),)))
    }
}

impl Options<'_, '_> {
    fn layout(self, kind: Kind) -> Result<Layout, CoreError> {
        Ok(Layout(self.cut(kind)?.into()))
    }
}

/// A layout from itself, from its text or from its rules.
#[pyfunction]
pub fn as_layout(given: &Bound<'_, PyAny>) -> Result<Layout, CoreError> {
    let wrong = || {
        CoreError::wrong_type(
            "a layout",
            "a Layout, its text or a list of (selector, layout)",
            given,
        )
    };
    match plain(given)? {
        Some(layout) => Ok(layout),
        None => rules(given)?.ok_or_else(wrong),
    }
}

/// A layout from itself or from its text; None where it is neither.
pub fn plain(given: &Bound<'_, PyAny>) -> Result<Option<Layout>, CoreError> {
    if let Ok(layout) = given.cast::<Layout>() {
        return Ok(Some(layout.get().clone()));
    }
    match given.cast::<PyString>() {
        Ok(text) => Ok(Some(Layout(text.to_string_lossy().parse()?))),
        Err(_) => Ok(None),
    }
}
