use std::sync::Arc;

use crate::cluster::node::Node;
use crate::cluster::resources::count_of;
use crate::cost::gil_use::{GilUse, gil_permille};
use crate::cost::known_work::KnownWork;
use crate::decision::one_worker::WholeQuery;
use crate::decision::scans::gather::{Output, SplitGoal, split_goal};
use crate::decision::scans::merge::{Merge, merge};
use crate::decision::scans::split::next_split;
use crate::decision::scans::split_blocked::SplitBlocked;
use crate::error::Error;
use crate::layout::rules::Layout;
use crate::measured::GATHERED_ROWS_PER_CORE;
use crate::query::columns::{Growth, growth};
use crate::query::profile::QueryProfile;
use crate::query::python_stage::Source;
use crate::query::whole::gathered_groups::GatheredGroups;
use crate::quoted::Quoted;

/// On which workers a query runs, and why. Its scans are described as well, for the tuner.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The layout of the workers.
    pub layout: Layout,
    /// The error for a task that no node can run. It counts only if no autoscaler can add such a node.
    pub fits_no_node: Option<Error>,
    /// Why the query runs under this layout, in one sentence.
    pub reason: String,
    /// That one worker runs the whole query as one task, if it does.
    pub whole: Option<WholeQuery>,
    /// Whether the user asked for another layout and should be warned.
    pub warns: bool,
    /// How many tasks run at once.
    pub slots: u64,
    /// Whether the scans may be split or merged. Under `per-node` the user asked for Daft's own behaviour.
    pub may_split: bool,
    /// Whether rows stay in the order of the files if a task reads several files.
    pub may_merge: bool,
    /// Why the scans were not split, if the decision or the tuner found a reason.
    pub split_blocked: Option<SplitBlocked>,
    /// Whether the result depends on the order of rows and the workers mix rows, unless a scan is read in one
    /// piece.
    pub mixes_rows: bool,
    /// About how many tasks the scans are split into.
    pub tasks_wanted: u64,
    /// About how many tasks are left of many small files. How long it takes to open a file is not known.
    pub tasks_of_files: u64,
    /// The bytes that the query reads, as Daft estimates them for its own plan; None if it does not. For a plan
    /// with split scans, Daft reads footers and estimates other bytes.
    pub bytes: Option<u64>,
    /// Whether workers should tell how they use their GIL while the query runs, so that it is known for the next.
    pub watches_gil: bool,
    /// Whether tasks of the Python code share the GIL of a worker, because it was seen to hold it little.
    pub shares_gil: bool,
    /// Which of Daft's limits apply to each worker instead of to the node, because they cannot be divided among
    /// the node's workers.
    pub per_worker: Option<String>,
    /// Why the slots get fewer tasks than even out unequal ones best.
    pub cost: Option<String>,
    /// The names of the operators whose Python code runs in the workers, async code among them.
    pub python_code: Vec<String>,
    /// What the query needs; nothing but that it may write, if its plan cannot be read.
    pub profile: Arc<QueryProfile>,
}

impl Decision {
    /// The decision for a query whose plan cannot be read.
    pub(crate) fn of_unreadable(error: &Error, requested: &Layout, nodes: &[Node]) -> Self {
        let layout = requested.for_native();
        let then = if layout.is_whole_for(nodes) {
            ""
        } else {
            ", and a task wider than its workers would wait for ever"
        };
        let reason =
            format!("{error}; the query runs under '{}'{then}", Quoted(&layout.to_string()));
        Self {
            layout,
            fits_no_node: None,
            reason,
            whole: None,
            warns: true,
            slots: 0,
            may_split: false,
            may_merge: false,
            split_blocked: None,
            mixes_rows: false,
            tasks_wanted: 0,
            tasks_of_files: 0,
            bytes: None,
            watches_gil: false,
            shares_gil: false,
            per_worker: None,
            cost: None,
            python_code: Vec::new(),
            profile: Arc::new(QueryProfile { writes: true, ..QueryProfile::default() }),
        }
    }

    /// The grouping of a query on one worker whose keys tell whether tasks are faster; None if it has none with
    /// so many rows.
    ///
    /// Daft's partial aggregation of a batch does little if nearly every row has another key. The worker then
    /// gathers the values of each group from all the rows that one of its threads has, which no cache holds.
    pub fn groups_to_sample(&self) -> Option<&GatheredGroups> {
        let cores = self.whole?.cores?;
        let groups = self.profile.gathered_groups.as_ref()?;
        (groups.rows / cores.max(1) >= GATHERED_ROWS_PER_CORE).then_some(groups)
    }

    /// How large a task of the scans should be next, in bytes, so that every slot has work; None if the scans
    /// need no split or cannot be split.
    ///
    /// `tried` lists the sizes that were tried, in order, with the decision that each led to. `row_groups`
    /// lists for each file of the scan the compressed bytes of its row groups, if they are known.
    pub fn next_split(&self, tried: &[(u64, &Decision)], row_groups: &[Vec<u64>]) -> Option<u64> {
        self.next_split_within(u64::MAX, tried, row_groups)
    }

    /// The same, if the scan should not have more than `most` tasks.
    pub(crate) fn next_split_within(
        &self,
        most: u64,
        tried: &[(u64, &Decision)],
        row_groups: &[Vec<u64>],
    ) -> Option<u64> {
        if !self.may_split {
            return None;
        }
        let (index, tasks, bytes) = self.smallest_scan()?;
        let tried: Option<Vec<_>> = tried
            .iter()
            .map(|(size, then)| Some((*size, then.profile.python_stages.get(index)?.tasks?)))
            .collect();
        let tried = tried?;
        // Each try reads the footers again, one after the other.
        if self.profile.scans.reads_remote
            && tried.last().is_some_and(|(_, tasks)| *tasks >= self.slots)
        {
            return None;
        }
        next_split(self.slots, self.tasks_wanted, most, bytes, tasks, &tried, row_groups)
    }

    /// How finely the scans are split if their rows leave the query as described; None if they are not split.
    ///
    /// `partitions` is how many partitions the query leaves without a split, `columns` are its columns with
    /// their types as Daft prints them, and `can_gather` says whether Daft can gather partitions for it.
    pub fn split_goal(
        &self,
        output: Output,
        partitions: u64,
        columns: &[(String, String)],
        can_gather: bool,
    ) -> Option<SplitGoal> {
        self.next_split(&[], &[])?;
        let (.., of_scan) = self.smallest_scan()?;
        let of_columns = columns
            .iter()
            .map(|(name, of)| growth(name, of, &self.profile.scans.kept_columns))
            .max();
        let growth = if self.profile.scans.multiplies {
            Growth::Much
        } else {
            of_columns.unwrap_or(Growth::None)
        };
        let may_gather = can_gather && self.profile.scans.bytes.is_some();
        let gathered_bytes = if may_gather { output.gathered_bytes_per_slot(growth) } else { 0 };
        let bytes = self.profile.scans.bytes.unwrap_or(of_scan);
        Some(split_goal(output, self.slots, self.tasks_wanted, bytes, partitions, gathered_bytes))
    }

    /// Why the split that led to the decision `split` is not taken; None if it is taken.
    ///
    /// All scans of a query have the same options, so a split for one scan may divide the others into far more
    /// tasks than they had and than are wanted. And there may still be too few tasks for workers of one thread,
    /// while workers of several threads would mix the rows.
    pub fn refuses(&self, split: &Self) -> Option<SplitBlocked> {
        let (index, ..) = self.smallest_scan()?;
        let others = |decision: &Self| {
            let own = decision
                .profile
                .python_stages
                .get(index)
                .and_then(|stage| stage.tasks)
                .unwrap_or(0);
            decision.profile.scans.tasks.saturating_sub(own)
        };
        if others(split) > others(self).max(self.tasks_wanted.saturating_mul(2)) {
            return Some(SplitBlocked::OtherScans);
        }
        split.mixes_rows.then_some(SplitBlocked::Order)
    }

    /// The files whose row groups show how the scan is best split; empty if it is not split, or if the files
    /// are unknown.
    pub fn files_to_split(&self) -> &[String] {
        if self.next_split(&[], &[]).is_some() { &self.profile.scans.files } else { &[] }
    }

    /// How the files of the scans are merged into fewer tasks; None if they need no merge or must not be
    /// merged.
    pub fn merge(&self) -> Option<Merge> {
        if !self.may_merge {
            return None;
        }
        let (_, tasks, bytes) = self.smallest_scan()?;
        merge(self.tasks_of_files, bytes, tasks)
    }

    /// Of the scans that feed Python code, the one with the fewest tasks: its index among the Python stages,
    /// its tasks and its bytes.
    fn smallest_scan(&self) -> Option<(usize, u64, u64)> {
        self.profile
            .python_stages
            .iter()
            .enumerate()
            .filter_map(|(index, stage)| match stage.source {
                Source::Scan { bytes } => Some((index, stage.tasks?, bytes)),
                _ => None,
            })
            .min_by_key(|(_, tasks, _)| *tasks)
    }

    /// What the query, which has run to its end, has shown of its Python code.
    ///
    /// `durations` lists the name of each operator in Daft's statistics, and its time in all tasks together, in
    /// microseconds. `known` is what earlier queries have shown.
    pub fn work_seen(&self, durations: &[(String, u64)], known: &[KnownWork]) -> Vec<KnownWork> {
        // A limit, among others, ends a query before all is read.
        let whole = self.profile.scans.pinned_by.is_none();
        let Some(bytes) = self.bytes.filter(|_| whole) else { return Vec::new() };
        let stages = self.profile.python_stages.iter().map(|stage| stage.operator.as_str());
        let seen = KnownWork::seen(stages, bytes, durations).into_iter();
        seen.map(|work| work.after(known)).collect()
    }

    /// The operators that took longer where their tasks share a GIL than was known of them.
    ///
    /// The arguments are those of [`Decision::work_seen`].
    pub fn slower_shared(&self, durations: &[(String, u64)], known: &[KnownWork]) -> Vec<String> {
        let Some(bytes) = self.bytes.filter(|_| self.shares_gil) else { return Vec::new() };
        let stages = self.profile.python_stages.iter().map(|stage| stage.operator.as_str());
        let seen = KnownWork::seen(stages, bytes, durations).into_iter();
        seen.filter(|work| work.is_slower_shared(known)).map(|work| work.operator).collect()
    }

    /// The part of its time in which the Python code of the query, which has run to its end, has held the GIL, in
    /// thousandths; None if that is not known. The operators of a query share what is seen.
    ///
    /// `durations` is that of [`Decision::work_seen`], and `workers` are all that may have run the query.
    pub fn gil_seen(&self, durations: &[(String, u64)], workers: &[GilUse]) -> Option<u64> {
        let stages = self.profile.python_stages.iter().map(|stage| stage.operator.as_str());
        gil_permille(KnownWork::us_of(stages, durations), workers)
    }

    /// Why slots have no work while Python code runs, and the remedy; None if every slot has a task, or if the
    /// query runs as one task on purpose.
    pub fn hint(&self) -> Option<String> {
        if self.whole.is_some() {
            return None;
        }
        let (stage, tasks) = self
            .profile
            .python_stages
            .iter()
            .filter_map(|stage| Some((stage, stage.tasks?)))
            .min_by_key(|(_, tasks)| *tasks)?;
        // More tasks than about as many as wanted would cost more than the slots save, as `cost` says.
        let wanted =
            if self.tasks_wanted < self.slots { self.tasks_wanted / 2 } else { self.slots };
        if tasks >= wanted {
            return None;
        }
        let remedy = format!("df.into_partitions({}) before it", self.slots);
        let scan =
            self.unsplit().unwrap_or_else(|| "its files are not split any further".to_owned());
        let partitions = count_of(tasks, "partition");
        let (cause, remedy) = match stage.source {
            Source::Scan { .. } => (scan, remedy),
            Source::Memory => (format!("the in-memory table has only {partitions}"), remedy),
            Source::Python => (
                format!("the source has only {}", count_of(tasks, "task")),
                "more tasks in the source".to_owned(),
            ),
            Source::Operators => (format!("it reads only {partitions}"), remedy),
        };
        Some(format!(
            "'{}' runs in {} on {}, because {cause}; {remedy} would use all slots",
            Quoted(&stage.operator),
            count_of(tasks, "task"),
            count_of(self.slots, "slot"),
        ))
    }

    /// Why the scans of the query have no more tasks; None if nothing speaks against that.
    pub fn unsplit(&self) -> Option<String> {
        match &self.profile.scans.pinned_by {
            Some(operator) => Some(format!(
                "the result of '{}' may depend on how rows are grouped into tasks",
                Quoted(operator)
            )),
            None => self.split_blocked.map(|why| why.to_string()),
        }
    }
}
