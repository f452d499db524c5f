use crate::query::columns::{Columns, kept_columns};
use crate::query::explain_text::Operator;
use crate::query::partition_sensitivity::{depends_on_row_order, pinned_by};
use crate::query::python_stage::bytes_read;
use crate::query::scan_files::{any_elsewhere, local_files};
use crate::query::shuffles::shuffles;

/// What the scans of a query read, and how they may be split.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ScanProfile {
    /// The operator whose result depends on how rows are grouped into tasks, if any; it blocks re-splitting.
    pub pinned_by: Option<String>,
    /// Whether the result depends on the order in which stock Daft reads the files, and stock Daft may keep
    /// that order.
    pub depends_on_row_order: bool,
    /// Whether Python code runs concurrently within a task, so that the rows of several files are mixed.
    pub is_concurrent: bool,
    /// The number of tasks of all scans.
    pub tasks: u64,
    /// The files that the only scan reads, if they are on the driver's disk and Daft names all of them.
    pub files: Vec<String>,
    /// Whether a scan reads files that are not on the driver's disk.
    pub reads_remote: bool,
    /// The bytes of all files and in-memory tables that the query reads; None if Daft does not report all of
    /// them.
    pub bytes: Option<u64>,
    /// The columns that the query returns unchanged from its files.
    pub kept_columns: Columns,
    /// How often rows are shuffled if the scans have several tasks. Each time, references of all tasks and partitions are held.
    pub shuffles: u64,
    /// Whether the query has operators that make several rows of one.
    pub multiplies: bool,
}

impl ScanProfile {
    /// Reads the operators of the distributed plan and those of the optimized logical plan.
    pub(crate) fn of_plan(operators: &[Operator], logical: &[Operator]) -> Self {
        let tasks = operators.iter().filter_map(|operator| operator.scan_tasks());
        Self {
            pinned_by: pinned_by(operators, logical),
            depends_on_row_order: depends_on_row_order(operators),
            is_concurrent: operators.iter().any(|operator| operator.is_concurrent()),
            tasks: tasks.fold(0, u64::saturating_add),
            files: local_files(operators),
            reads_remote: any_elsewhere(operators),
            bytes: bytes_read(operators),
            kept_columns: kept_columns(operators),
            shuffles: shuffles(operators),
            multiplies: operators.iter().any(|operator| operator.multiplies()),
        }
    }
}
