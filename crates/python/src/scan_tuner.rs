use protoplast_planner as planner;
use protoplast_planner::{Observation, OutputDescription, Scarce, Step, TunerInput};
use pyo3::prelude::*;
use pyo3::types::PyAny;

use crate::decision::{Decision, Known, known_work};
use crate::error::CoreError;
use crate::layout::as_layout;
use crate::node;

/// Why the files of a query are not split, for the reasons that Python finds out.
#[pyclass(
    frozen,
    eq,
    from_py_object,
    module = "protoplast._core",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[derive(Clone, Copy, PartialEq)]
pub enum SplitBlocked {
    OlderDaft,
    OwnOptions,
}

impl From<SplitBlocked> for planner::SplitBlocked {
    fn from(why: SplitBlocked) -> Self {
        match why {
            SplitBlocked::OlderDaft => Self::OlderDaft,
            SplitBlocked::OwnOptions => Self::OwnOptions,
        }
    }
}

/// Why a query does not run on one worker, for the reasons that Python finds out.
#[pyclass(
    frozen,
    eq,
    from_py_object,
    module = "protoplast._core",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[derive(Clone, Copy, PartialEq)]
pub enum OneWorkerBlocked {
    OlderDaft,
    FailedBefore,
    Streamed,
    ScatteredGroups,
}

impl From<OneWorkerBlocked> for planner::OneWorkerBlocked {
    fn from(why: OneWorkerBlocked) -> Self {
        match why {
            OneWorkerBlocked::OlderDaft => Self::OlderDaft,
            OneWorkerBlocked::FailedBefore => Self::FailedBefore,
            OneWorkerBlocked::Streamed => Self::Streamed,
            OneWorkerBlocked::ScatteredGroups => Self::ScatteredGroups,
        }
    }
}

/// Which plan of a query runs, and on which workers.
#[pyclass(frozen, get_all, module = "protoplast._core")]
pub struct Run {
    is_replanned: bool,
    gathered: Option<u64>,
    decision: Py<Decision>,
}

/// The text of a plan, with its partitions if they were counted.
#[derive(FromPyObject)]
struct PlanText {
    text: String,
    partitions: Option<u64>,
}

/// How the rows of a query leave it.
#[derive(FromPyObject)]
struct Described {
    partitions: Option<u64>,
    columns: Vec<(String, String)>,
    file_bytes: Option<u64>,
    can_gather: bool,
}

/// Tunes the scans of one query: Rust decides the next step, and a planner in Python does it.
#[pyclass(module = "protoplast._core")]
pub struct ScanTuner(planner::ScanTuner);

#[pymethods]
impl ScanTuner {
    #[new]
    #[pyo3(signature = (
        layout, nodes, plan_text, logical_text = "", *, can_replan = false,
        split_blocked = None, may_merge = false, knows_output = false, scarce = Vec::new(),
        work = Vec::new(), one_worker_blocked = None
    ))]
    #[expect(clippy::too_many_arguments, reason = "they describe what is known of a query")]
    fn new(
        layout: &Bound<'_, PyAny>,
        nodes: &Bound<'_, PyAny>,
        plan_text: &str,
        logical_text: &str,
        can_replan: bool,
        split_blocked: Option<SplitBlocked>,
        may_merge: bool,
        knows_output: bool,
        scarce: Vec<(String, u64, u64)>,
        work: Vec<Known>,
        one_worker_blocked: Option<OneWorkerBlocked>,
    ) -> Result<Self, CoreError> {
        let scarce =
            scarce.into_iter().map(|(name, workers, of)| Scarce { name, workers, of }).collect();
        let work = known_work(work);
        let input = TunerInput {
            layout: as_layout(layout)?.0,
            nodes: node::nodes(nodes)?,
            logical: logical_text.to_owned(),
            can_replan,
            split_blocked: split_blocked.map(Into::into),
            may_merge,
            knows_output,
            scarce,
            work,
            one_worker_blocked: one_worker_blocked.map(Into::into),
        };
        Ok(Self(planner::ScanTuner::new(input, plan_text)?))
    }

    /// The decision for Daft's original plan.
    #[getter]
    fn whole(&self) -> Decision {
        Decision(self.0.whole().clone())
    }

    fn tune(&mut self, py: Python<'_>, planner: &Bound<'_, PyAny>) -> PyResult<Run> {
        let mut step = self.0.first().map_err(CoreError::from)?;
        loop {
            let observation = match step {
                Step::Run(run) => {
                    let planner::Run { is_replanned, gathered, decision } = *run;
                    let decision = Py::new(py, Decision(decision))?;
                    return Ok(Run { is_replanned, gathered, decision });
                }
                Step::AskCanGrow => {
                    Observation::CanGrow(planner.call_method0("can_grow")?.extract()?)
                }
                Step::DescribeOutput => {
                    described(planner.call_method0("describe_output")?.extract()?)
                }
                Step::ReadRowGroups(files) => {
                    Observation::RowGroups(planner.call_method1("row_groups", (files,))?.extract()?)
                }
                Step::Merge(merge) => {
                    let arguments = (merge.bytes, merge.files);
                    planned(planner.call_method1("merge", arguments)?.extract()?)
                }
                Step::Split { bytes, counts_partitions } => {
                    let arguments =
                        (bytes, self.0.whole().profile.scans.reads_remote, counts_partitions);
                    planned(planner.call_method1("split", arguments)?.extract()?)
                }
            };
            step = self.0.next(observation).map_err(CoreError::from)?;
        }
    }
}

fn planned(plan: Option<PlanText>) -> Observation {
    match plan {
        Some(PlanText { text, partitions }) => Observation::Planned { text, partitions },
        None => Observation::Unread,
    }
}

fn described(given: Described) -> Observation {
    let Described { partitions, columns, file_bytes, can_gather } = given;
    let output = file_bytes
        .map_or(planner::Output::Collected, |file_bytes| planner::Output::Written { file_bytes });
    Observation::Output(OutputDescription { output, partitions, columns, can_gather })
}
