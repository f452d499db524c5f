use crate::cluster::resources::count_of;
use crate::decision::scans::gather::{Cutting, Output, cutting};
use crate::decision::scans::merge::{Merge, merge};
use crate::decision::scans::split::next_split;
use crate::decision::scans::split_blocked::SplitBlocked;
use crate::error::Error;
use crate::layout::rules::Layout;
use crate::query::columns::{Columns, Growth, growth};
use crate::query::python_stage::{PythonStage, Source};
use crate::quoted::Quoted;

/// On which workers a query runs, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// Their layout.
    pub layout: Layout,
    /// The error for a task that no node can run. It counts unless an autoscaler may add a node.
    pub fits_no_node: Option<Error>,
    /// Why it is this one, in one sentence.
    pub reason: String,
    /// Whether the user asked for another one and should know.
    pub warns: bool,
    /// The Python code that runs in the workers.
    pub python_stages: Vec<PythonStage>,
    /// How many tasks run at once.
    pub slots: u64,
    /// Whether its scans may be split or merged. Daft's own workers were asked for as they are.
    pub may_split: bool,
    /// Whether rows stay in the order of the files where a task reads several.
    pub may_merge: bool,
    /// What its answer could depend on which rows a task has for.
    pub pinned_by: Option<String>,
    /// Why its scans were not split, where that is known to whoever tried.
    pub split_blocked: Option<SplitBlocked>,
    /// The tasks of all its scans.
    pub scan_tasks: u64,
    /// The files that its only scan reads, where they are on the driver's disk.
    pub files: Vec<String>,
    /// Whether it scans files that are elsewhere.
    pub reads_remote: bool,
    /// Whether it writes, to files or by a sink.
    pub writes: bool,
    /// Whether it has operators that make more rows of the rows of a scan.
    pub multiplies: bool,
    /// The bytes of all that it reads, if Daft says how many there are.
    pub bytes: Option<u64>,
    /// The columns that are as they were in its files.
    pub kept_columns: Columns,
    /// Whether its workers mix rows whose order its answer depends on, unless a scan is read in one piece.
    pub mixes_rows: bool,
    /// About how many tasks its scans are split into.
    pub tasks_wanted: u64,
    /// Which limits of Daft's each worker has by itself, since they cannot be divided among those of a node.
    pub per_worker: Option<String>,
}

impl Decision {
    /// How large a task of its scans should be, in bytes, so that every slot has work; None where they are
    /// well as they are, or cannot be split.
    ///
    /// `tried` holds the sizes that were tried, in their order, with the decision that each led to, and
    /// `row_groups` of each of its files the compressed bytes of its row groups, if they are known.
    pub fn next_split(&self, tried: &[(u64, &Decision)], row_groups: &[Vec<u64>]) -> Option<u64> {
        if !self.may_split {
            return None;
        }
        let (index, tasks, bytes) = self.smallest_scan()?;
        let tried: Option<Vec<_>> = tried
            .iter()
            .map(|(size, then)| Some((*size, then.python_stages.get(index)?.tasks?)))
            .collect();
        let tried = tried?;
        // Each try asks for the footers anew, one after the other.
        if self.reads_remote && tried.last().is_some_and(|(_, tasks)| *tasks >= self.slots) {
            return None;
        }
        next_split(self.slots, self.tasks_wanted, bytes, tasks, &tried, row_groups)
    }

    /// How its scans are cut if their rows leave the query in this way; None if they are not cut.
    ///
    /// `partitions` is how many it leaves as it is, `columns` are its columns with their types as Daft prints them, and
    /// `can_gather` is whether Daft can gather partitions for it.
    pub fn cutting(
        &self,
        output: Output,
        partitions: u64,
        columns: &[(String, String)],
        can_gather: bool,
    ) -> Option<Cutting> {
        self.next_split(&[], &[])?;
        let (.., of_scan) = self.smallest_scan()?;
        let of_columns =
            columns.iter().map(|(name, of)| growth(name, of, &self.kept_columns)).max();
        let growth =
            if self.multiplies { Growth::Much } else { of_columns.unwrap_or(Growth::None) };
        let may_gather = can_gather && self.bytes.is_some();
        let room = if may_gather { output.room_per_slot(growth) } else { 0 };
        let bytes = self.bytes.unwrap_or(of_scan);
        Some(cutting(output, self.slots, bytes, partitions, room))
    }

    /// Why a split that led to this decision is not taken, if it is not.
    ///
    /// For the sake of one scan it may cut the others of the query, which have the same options, into far more
    /// tasks than they had and than are wanted of it. And its tasks may still be too few for workers of one
    /// thread, while others would mix its rows.
    pub fn refuses(&self, split: &Self) -> Option<SplitBlocked> {
        let (index, ..) = self.smallest_scan()?;
        let others = |decision: &Self| {
            let own = decision
                .python_stages
                .get(index)
                .and_then(|python_stages| python_stages.tasks)
                .unwrap_or(0);
            decision.scan_tasks.saturating_sub(own)
        };
        if others(split) > others(self).max(self.tasks_wanted) {
            return Some(SplitBlocked::OtherScans);
        }
        split.mixes_rows.then_some(SplitBlocked::Order)
    }

    /// The files whose row groups say how its scan is best split; empty where it is not split, or where they
    /// are not known.
    pub fn files_to_split(&self) -> &[String] {
        if self.next_split(&[], &[]).is_some() { &self.files } else { &[] }
    }

    /// How the files of its scans are merged into fewer tasks; None where they are well as they are, or have
    /// to stay so.
    pub fn merge(&self) -> Option<Merge> {
        if !self.may_merge {
            return None;
        }
        let (_, tasks, bytes) = self.smallest_scan()?;
        merge(self.slots, bytes, tasks)
    }

    /// Of the scans that feed Python code the one of the fewest tasks: its index among the work, its tasks
    /// and its bytes.
    fn smallest_scan(&self) -> Option<(usize, u64, u64)> {
        self.python_stages
            .iter()
            .enumerate()
            .filter_map(|(index, python_stages)| match python_stages.source {
                Source::Scan { bytes } => Some((index, python_stages.tasks?, bytes)),
                _ => None,
            })
            .min_by_key(|(_, tasks, _)| *tasks)
    }

    /// What keeps slots without work while its Python code runs, and the remedy; None where every slot
    /// has a task.
    pub fn hint(&self) -> Option<String> {
        let (python_stages, tasks) = self
            .python_stages
            .iter()
            .filter_map(|python_stages| Some((python_stages, python_stages.tasks?)))
            .min_by_key(|(_, tasks)| *tasks)?;
        if tasks >= self.slots {
            return None;
        }
        let remedy = format!("df.into_partitions({}) before it", self.slots);
        let scan = match (&self.pinned_by, self.split_blocked) {
            (Some(what), _) => format!("'{}' could depend on which rows a task has", Quoted(what)),
            (None, Some(why)) => why.to_string(),
            (None, None) => "its files are not split any further".to_owned(),
        };
        let (cause, remedy) = match python_stages.source {
            Source::Scan { .. } => (scan.as_str(), remedy),
            Source::Memory => ("so many partitions has the table in memory", remedy),
            Source::Python => {
                ("so many tasks has the source", "more tasks in the source".to_owned())
            }
            Source::Operators => ("so many partitions does it read", remedy),
        };
        Some(format!(
            "'{}' runs in {} on {}, since {cause}; {remedy} would use them all",
            Quoted(&python_stages.operator),
            count_of(tasks, "task"),
            count_of(self.slots, "slot"),
        ))
    }
}
