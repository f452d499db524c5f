use protoplast_planner::{
    CPUS_PER_WORKER, KeepTime, Layout as Inner, LayoutKind, WORKERS_PER_NODE,
};
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyDict, PyString, PyType};

use crate::error::CoreError;
use crate::node;
use crate::options::{self, count};
use crate::rules::rules;

/// How the nodes of a cluster are divided into workers.
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
        crate::rules::rules(rules, plain)?.map(Self).ok_or_else(|| {
            CoreError::wrong_type("rules", "a list of (selector, layout) with at least one", rules)
        })
    }

    #[staticmethod]
    #[pyo3(signature = (**options))]
    fn per_core(options: Option<&Bound<'_, PyDict>>) -> Result<Self, CoreError> {
        of_kind(LayoutKind::PerCore, options)
    }

    #[staticmethod]
    #[pyo3(signature = (**options))]
    fn per_node(options: Option<&Bound<'_, PyDict>>) -> Result<Self, CoreError> {
        of_kind(LayoutKind::PerNode, options)
    }

    #[staticmethod]
    #[pyo3(signature = (**options))]
    fn per_numa(options: Option<&Bound<'_, PyDict>>) -> Result<Self, CoreError> {
        of_kind(LayoutKind::PerNuma, options)
    }

    #[staticmethod]
    #[pyo3(signature = (**options))]
    fn per_gpu(options: Option<&Bound<'_, PyDict>>) -> Result<Self, CoreError> {
        of_kind(LayoutKind::PerGpu, options)
    }

    #[staticmethod]
    #[pyo3(signature = (cpus, **options))]
    fn cpus_per_worker(
        cpus: &Bound<'_, PyAny>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> Result<Self, CoreError> {
        of_kind(LayoutKind::CpusPerWorker(count(CPUS_PER_WORKER, cpus)?), options)
    }

    #[staticmethod]
    #[pyo3(signature = (workers, **options))]
    fn workers_per_node(
        workers: &Bound<'_, PyAny>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> Result<Self, CoreError> {
        of_kind(LayoutKind::WorkersPerNode(count(WORKERS_PER_NODE, workers)?), options)
    }

    #[staticmethod]
    #[pyo3(signature = (**options))]
    fn auto(options: Option<&Bound<'_, PyDict>>) -> Result<Self, CoreError> {
        of_kind(LayoutKind::Auto, options)
    }

    /// The default layout: a worker for each CPU.
    #[staticmethod]
    fn default() -> Self {
        Self(Inner::default())
    }

    #[getter]
    fn target_layouts(&self) -> Vec<Self> {
        self.0.target_layouts().into_iter().map(Self).collect()
    }

    fn needs_numa(&self, nodes: &Bound<'_, PyAny>) -> Result<Vec<bool>, CoreError> {
        // A node that is not as it has to be gets no workers, which `plan` and `refresh` report.
        let needs = |node| matches!(node, Ok(node) if self.0.needs_numa(&node));
        Ok(node::each(nodes)?.map(needs).collect())
    }

    fn keep_seconds(&self, node: &Bound<'_, PyAny>) -> Result<Option<u32>, CoreError> {
        Ok(self.0.for_node(&node::node(node)?).keep().map(KeepTime::seconds))
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

fn of_kind(kind: LayoutKind, options: Option<&Bound<'_, PyDict>>) -> Result<Layout, CoreError> {
    Ok(Layout(options::node_layout(kind, options)?.into()))
}

/// Returns a layout from itself, from its text or from its rules.
#[pyfunction]
pub fn as_layout(given: &Bound<'_, PyAny>) -> Result<Layout, CoreError> {
    let wrong = || {
        CoreError::wrong_type(
            "a layout",
            "a Layout, its text or a list of (selector, layout)",
            given,
        )
    };
    let layout = match plain(given)? {
        Some(layout) => Some(layout),
        None => rules(given, plain)?,
    };
    layout.map(Layout).ok_or_else(wrong)
}

/// Returns a layout from itself or from its text, or None if it is neither.
fn plain(given: &Bound<'_, PyAny>) -> Result<Option<Inner>, CoreError> {
    if let Ok(layout) = given.cast::<Layout>() {
        return Ok(Some(layout.get().0.clone()));
    }
    match given.cast::<PyString>() {
        Ok(text) => Ok(Some(text.to_string_lossy().parse()?)),
        Err(_) => Ok(None),
    }
}
