use protoplast_planner as planner;
use pyo3::prelude::*;
use pyo3::types::PyAny;

use crate::error::CoreError;
use crate::layout::{Layout, as_layout};
use crate::node;

/// Why the files of a query were not split for its Python code.
#[pyclass(
    frozen,
    eq,
    from_py_object,
    module = "protoplast._core",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[derive(Clone, Copy, PartialEq)]
pub enum Unsplit {
    OlderDaft,
    OwnOptions,
    Unread,
}

impl From<Unsplit> for planner::SplitBlocked {
    fn from(why: Unsplit) -> Self {
        match why {
            Unsplit::OlderDaft => Self::OlderDaft,
            Unsplit::OwnOptions => Self::OwnOptions,
            Unsplit::Unread => Self::Unread,
        }
    }
}

/// On which workers a query runs, and why.
#[pyclass(frozen, module = "protoplast._core")]
pub struct Decision(planner::Decision);

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

    #[getter]
    fn warns(&self) -> bool {
        self.0.warns
    }

    #[getter]
    fn hint(&self) -> Option<String> {
        self.0.hint()
    }

    #[getter]
    fn per_worker(&self) -> Option<&str> {
        self.0.per_worker.as_deref()
    }

    fn next_split(&self, tried: Vec<(u64, Py<Self>)>, row_groups: Vec<Vec<u64>>) -> Option<u64> {
        let tried: Vec<_> = tried.iter().map(|(size, then)| (*size, &then.get().0)).collect();
        self.0.next_split(&tried, &row_groups)
    }

    fn refused(&self, split: &Self) -> Option<Self> {
        let split_blocked = Some(self.0.refuses(&split.0)?);
        Some(Self(planner::Decision { split_blocked, ..self.0.clone() }))
    }

    #[getter]
    fn scan_tasks(&self) -> u64 {
        self.0.scan_tasks
    }

    #[getter]
    fn reads_remote(&self) -> bool {
        self.0.reads_remote
    }

    #[getter]
    fn writes(&self) -> bool {
        self.0.writes
    }

    fn unsplit(&self, why: Unsplit) -> Self {
        let split_blocked = self.0.split_blocked.or(Some(why.into()));
        Self(planner::Decision { split_blocked, ..self.0.clone() })
    }

    fn cut_for_output(
        &self,
        partitions: u64,
        columns: Vec<(String, String)>,
        file_bytes: Option<u64>,
        can_gather: bool,
    ) -> Option<(Self, Option<u64>)> {
        let output = file_bytes.map_or(planner::Output::Collected, |file_bytes| {
            planner::Output::Written { file_bytes }
        });
        let cutting = self.0.cutting(output, partitions, &columns, can_gather)?;
        let cut = planner::Decision { tasks_wanted: cutting.tasks, ..self.0.clone() };
        Some((Self(cut), cutting.gathered))
    }

    fn files_to_split(&self) -> Vec<String> {
        self.0.files_to_split().to_vec()
    }

    fn merge(&self) -> Option<(u64, u64)> {
        self.0.merge().map(|merge| (merge.bytes, merge.files))
    }

    fn __repr__(&self) -> String {
        format!("<Decision {}: {}>", self.0.layout, self.0.reason)
    }
}

#[pyfunction]
pub fn decide(
    layout: &Bound<'_, PyAny>,
    plan_text: &str,
    logical_text: &str,
    nodes: &Bound<'_, PyAny>,
    can_grow: bool,
) -> Result<Decision, CoreError> {
    let layout = as_layout(layout)?.0;
    let nodes = node::nodes(nodes)?;
    Ok(Decision(planner::decide(planner::DecisionInput {
        plan: plan_text,
        logical: logical_text,
        layout: &layout,
        nodes: &nodes,
        can_grow,
    })?))
}

#[pyfunction]
pub fn calls_at_once(begun: u64, workers: u32) -> u64 {
    planner::calls_at_once(begun, workers)
}

#[pyfunction]
pub fn can_grow(autoscaling_status: Option<&[u8]>) -> bool {
    let status = autoscaling_status.map(String::from_utf8_lossy);
    protoplast_planner::can_grow(status.as_deref())
}

#[pyfunction]
pub fn is_worth_a_hint(seconds: f64, is_first: bool) -> bool {
    planner::is_worth_a_hint(seconds, is_first)
}
