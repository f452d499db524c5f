//! Finds the plan to run for one query: Daft's original plan, or one whose scans are split or merged.
//!
//! A [`ScanTuner`] does nothing itself. It returns what it needs as a [`Step`], takes the answer with
//! [`ScanTuner::next`], and returns the next step, until the step is to run a plan.

use crate::cost::tasks::most_without_growth;
use crate::decision::decide::{DecisionInput, decide};
use crate::decision::outcome::Decision;
use crate::decision::scan_steps::{Observation, OutputDescription, Run, Step, TunerInput};
use crate::decision::scans::gather::SplitGoal;
use crate::decision::scans::split_blocked::SplitBlocked;
use crate::error::Error;

/// Tunes the scans of one query.
#[derive(Debug)]
pub struct ScanTuner {
    input: TunerInput,
    /// Whether an autoscaler may add nodes; None until that matters.
    can_grow: Option<bool>,
    /// The most tasks that a split may make, so that no node is added for them.
    most_tasks: u64,
    /// The decision for Daft's original plan.
    whole: Decision,
    split: Option<Split>,
}

/// A search for the size of tasks.
#[derive(Debug)]
struct Split {
    /// The decision that says how finely scans are split.
    aim: Decision,
    /// Into how many partitions the rows are gathered at the end, if they are.
    gathered: Option<u64>,
    row_groups: Option<Vec<Vec<u64>>>,
    /// The sizes that were tried, in bytes, with the decision that each led to.
    tried: Vec<(u64, Decision)>,
    /// The size that is being tried, in bytes.
    bytes: u64,
    /// How many partitions the last plan leaves.
    partitions: Option<u64>,
}

impl ScanTuner {
    /// Decides for Daft's original plan, given its text.
    ///
    /// # Errors
    ///
    /// The errors of [`decide`].
    pub fn new(input: TunerInput, plan: &str) -> Result<Self, Error> {
        let whole = decide(input.query(plan))?;
        Ok(Self { input, can_grow: None, most_tasks: u64::MAX, whole, split: None })
    }

    /// The decision for Daft's original plan.
    pub fn whole(&self) -> &Decision {
        &self.whole
    }

    /// Returns the first step.
    ///
    /// # Errors
    ///
    /// [`Error::FitsNoNode`] for a task that no node can run, if it is known that no node is added.
    pub fn first(&mut self) -> Result<Step, Error> {
        if let Some(error) = &self.whole.fits_no_node {
            match self.can_grow {
                None => return Ok(Step::AskCanGrow),
                Some(false) => return Err(error.clone()),
                Some(true) => {}
            }
        }
        if !self.input.can_replan || self.input.split_blocked.is_some() {
            return Ok(self.as_it_is(self.input.split_blocked));
        }
        if let Some(merge) = self.whole.merge().filter(|_| self.input.may_merge) {
            match self.can_grow {
                None => return Ok(Step::AskCanGrow),
                Some(false) => return Ok(Step::Merge(merge)),
                // An autoscaler adds nodes for waiting tasks, so the tasks stay many.
                Some(true) => {}
            }
        }
        let most = most_without_growth(self.whole.slots);
        // A split may make up to twice as many tasks as are wanted.
        let may_make = self.whole.tasks_wanted.saturating_mul(2);
        if may_make > most && self.whole.next_split(&[], &[]).is_some() {
            match self.can_grow {
                None => return Ok(Step::AskCanGrow),
                Some(false) => {}
                // A task or two more than slots would take as long as twice as many.
                Some(true) => {
                    self.most_tasks = most;
                    self.whole.tasks_wanted = self.whole.tasks_wanted.min(self.whole.slots);
                }
            }
        }
        if self.input.knows_output && self.whole.next_split(&[], &[]).is_some() {
            return Ok(Step::DescribeOutput);
        }
        Ok(self.begin_split(self.whole.clone(), None))
    }

    /// Takes what the caller found out and returns the next step.
    ///
    /// # Errors
    ///
    /// The errors of [`decide`] and of [`ScanTuner::first`].
    pub fn next(&mut self, observation: Observation) -> Result<Step, Error> {
        Ok(match observation {
            Observation::CanGrow(can_grow) => {
                self.can_grow = Some(can_grow);
                return self.first();
            }
            Observation::Planned { text, partitions } => {
                let bytes = self.whole.bytes;
                let decision = Decision { bytes, ..decide(self.input.query(&text))? };
                self.planned(decision, partitions)
            }
            Observation::Unread => self.as_it_is(Some(SplitBlocked::Unread)),
            Observation::RowGroups(row_groups) => {
                if let Some(split) = &mut self.split {
                    split.row_groups = Some(row_groups);
                }
                self.next_size()
            }
            Observation::Output(output) => self.begin_split_for(&output),
        })
    }

    fn planned(&mut self, decision: Decision, partitions: Option<u64>) -> Step {
        let Some(split) = &mut self.split else {
            return run(true, None, decision); // This was a merge, which is not searched further.
        };
        // The new plan cannot be read as well as the original. If that matters, the query itself reports why.
        if decision.warns && !self.whole.warns {
            return self.as_it_is(None);
        }
        if let Some(why) = split.aim.refuses(&decision) {
            return self.as_it_is(Some(why));
        }
        split.partitions = partitions;
        split.tried.push((split.bytes, decision));
        self.next_size()
    }

    fn begin_split_for(&mut self, described: &OutputDescription) -> Step {
        let OutputDescription { output, partitions, columns, can_gather } = described;
        let split_goal = partitions.and_then(|partitions| {
            self.whole.split_goal(*output, partitions, columns, *can_gather)
        });
        let whole = self.whole.clone();
        match split_goal {
            Some(SplitGoal { tasks, gathered }) => {
                self.begin_split(Decision { tasks_wanted: tasks, ..whole }, gathered)
            }
            None => self.begin_split(whole, None),
        }
    }

    fn begin_split(&mut self, aim: Decision, gathered: Option<u64>) -> Step {
        self.split = Some(Split {
            aim,
            gathered,
            row_groups: None,
            tried: Vec::new(),
            bytes: 0,
            partitions: None,
        });
        self.next_size()
    }

    fn next_size(&mut self) -> Step {
        let Some(split) = &mut self.split else { return self.as_it_is(None) };
        let tried: Vec<_> = split.tried.iter().map(|(bytes, then)| (*bytes, then)).collect();
        let known = split.row_groups.as_deref().unwrap_or_default();
        if let Some(bytes) = split.aim.next_split_within(self.most_tasks, &tried, known) {
            let files = split.aim.files_to_split();
            if split.row_groups.is_none() && !files.is_empty() {
                return Step::ReadRowGroups(files.to_vec());
            }
            split.bytes = bytes;
            return Step::Split { bytes, counts_partitions: split.gathered.is_some() };
        }
        let partitions = split.partitions.unwrap_or(0);
        let gathered = split.gathered.filter(|gathered| partitions > *gathered);
        let most = self.most_tasks.max(self.whole.profile.scans.tasks);
        match split.tried.last() {
            Some((_, decision)) if decision.profile.scans.tasks > most => {
                self.as_it_is(Some(SplitBlocked::Growth))
            }
            Some((_, decision)) => run(true, gathered, decision.clone()),
            None => self.as_it_is(None),
        }
    }

    /// Runs Daft's original plan.
    fn as_it_is(&self, why: Option<SplitBlocked>) -> Step {
        let split_blocked = self.whole.split_blocked.or(why);
        run(false, None, Decision { split_blocked, ..self.whole.clone() })
    }
}

impl TunerInput {
    fn query<'a>(&'a self, plan: &'a str) -> DecisionInput<'a> {
        let Self { layout, nodes, logical, scarce, work, one_worker_blocked, .. } = self;
        let one_worker_blocked = *one_worker_blocked;
        DecisionInput { plan, logical, layout, nodes, scarce, work, one_worker_blocked }
    }
}

fn run(is_replanned: bool, gathered: Option<u64>, decision: Decision) -> Step {
    Step::Run(Box::new(Run { is_replanned, gathered, decision }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::node::Node;
    use crate::cluster::node_record::NodeRecord;
    use crate::cost::known_work::KnownWork;
    use crate::decision::scans::gather::Output;
    use crate::decision::scans::merge::Merge;
    use crate::layout::rules::Layout;

    fn tuner(cpus: f64, plan: &str, input: impl FnOnce(TunerInput) -> TunerInput) -> ScanTuner {
        let node = Node::try_from(NodeRecord::new("n", cpus, 0.0, 1e11)).expect("valid");
        let known = TunerInput {
            layout: Layout::default(),
            nodes: vec![node],
            scarce: Vec::new(),
            work: Vec::new(),
            one_worker_blocked: None,
            logical: String::new(),
            can_replan: true,
            split_blocked: None,
            may_merge: true,
            knows_output: false,
        };
        ScanTuner::new(input(known), plan).expect("decided")
    }

    fn plan_of(tasks: u64, request: &str) -> String {
        format!(
            "* UDF f:\n|   Resource request = {request}\n|\n* ScanTaskSource:\n\
             |   Num Scan Tasks = {tasks}\n|   Estimated Scan Bytes = 4000\n"
        )
    }

    fn planned(tasks: u64, partitions: Option<u64>) -> Observation {
        Observation::Planned { text: plan_of(tasks, "None").replace("4000", "1500"), partitions }
    }

    /// The first step once it is known whether the cluster grows.
    fn begun(tuner: &mut ScanTuner, can_grow: bool) -> Result<Step, Error> {
        assert_eq!(tuner.first(), Ok(Step::AskCanGrow));
        tuner.next(Observation::CanGrow(can_grow))
    }

    fn ran(step: Step) -> Run {
        match step {
            Step::Run(run) => *run,
            other => panic!("{other:?} comes first"),
        }
    }

    #[test]
    fn a_scan_is_split_until_the_slots_have_work() {
        let mut tuner = tuner(4.0, &plan_of(1, "None"), |known| known);
        let first = Step::Split { bytes: 100, counts_partitions: false };
        assert_eq!(begun(&mut tuner, false), Ok(first));
        let second = Step::Split { bytes: 20, counts_partitions: false };
        assert_eq!(tuner.next(planned(8, None)), Ok(second), "40 tasks are wanted");
        let run = ran(tuner.next(planned(40, None)).expect("decided"));
        assert!(run.is_replanned && run.gathered.is_none());
        assert_eq!((run.decision.profile.scans.tasks, run.decision.bytes), (40, Some(4000)));
    }

    #[test]
    fn what_cannot_be_split_runs_as_it_is() {
        let as_it_is = |mut tuner: ScanTuner| ran(tuner.first().expect("decided"));
        let whole = as_it_is(tuner(4.0, &plan_of(1, "None"), |known| TunerInput {
            split_blocked: Some(SplitBlocked::OwnOptions),
            ..known
        }));
        assert!(!whole.is_replanned);
        assert_eq!(whole.decision.split_blocked, Some(SplitBlocked::OwnOptions));
        let planned_once = |known| TunerInput { can_replan: false, ..known };
        let once = as_it_is(tuner(4.0, &plan_of(1, "None"), planned_once));
        assert!(!once.is_replanned && once.decision.split_blocked.is_none());
        assert!(!as_it_is(tuner(4.0, &plan_of(4, "None"), |known| known)).is_replanned);
    }

    #[test]
    fn a_split_that_cannot_be_read_or_warns_is_not_taken() {
        let begun = || {
            let mut tuner = tuner(4.0, &plan_of(1, "None"), |known| known);
            assert!(matches!(super::tests::begun(&mut tuner, false), Ok(Step::Split { .. })));
            tuner
        };
        let unread = ran(begun().next(Observation::Unread).expect("decided"));
        assert_eq!(unread.decision.split_blocked, Some(SplitBlocked::Unread));
        let nonsense = Observation::Planned { text: "nonsense".to_owned(), partitions: None };
        let warned = ran(begun().next(nonsense).expect("decided"));
        assert!(!warned.is_replanned && !warned.decision.warns);
    }

    #[test]
    fn small_files_are_merged_unless_a_node_may_come() {
        let of_many = || tuner(4.0, &plan_of(400, "None"), |known| known);
        let mut fixed = of_many();
        let merge = Merge { bytes: 100, files: 10 };
        assert_eq!(begun(&mut fixed, false), Ok(Step::Merge(merge)));
        let run = ran(fixed.next(planned(40, None)).expect("decided"));
        assert!(run.is_replanned && run.decision.profile.scans.tasks == 40);
        let mut growing = of_many();
        let run = ran(begun(&mut growing, true).expect("decided"));
        assert!(!run.is_replanned, "nodes come for the tasks that wait");
    }

    #[test]
    fn no_node_comes_for_the_tasks_of_a_split() {
        let mut tuner = tuner(4.0, &plan_of(1, "None"), |known| known);
        let split = |bytes| Ok(Step::Split { bytes, counts_partitions: false });
        assert_eq!(begun(&mut tuner, true), split(1000), "4 tasks on 4 slots");
        assert_eq!(tuner.next(planned(6, None)), split(1500), "6 tasks are too many");
        assert!(ran(tuner.next(planned(5, None)).expect("decided")).is_replanned);
    }

    #[test]
    fn a_scan_stays_whole_if_nodes_would_come_for_any_split() {
        let mut tuner = tuner(4.0, &plan_of(1, "None"), |known| known);
        let mut step = begun(&mut tuner, true).expect("decided");
        while matches!(step, Step::Split { .. }) {
            step = tuner.next(planned(6, None)).expect("decided");
        }
        let run = ran(step);
        assert!(!run.is_replanned);
        assert_eq!(run.decision.split_blocked, Some(SplitBlocked::Growth));
    }

    #[test]
    fn light_work_is_split_into_few_tasks() {
        let split = |us_per_mib| {
            let known =
                |known| TunerInput { work: vec![KnownWork::timed("f", us_per_mib)], ..known };
            tuner(4.0, &plan_of(1, "None"), known).whole.tasks_wanted
        };
        assert_eq!(split(1), 2);
        assert_eq!(split(1 << 40), 40);
    }

    #[test]
    fn what_fits_no_node_is_an_error_unless_a_node_may_come() {
        let wide = || tuner(4.0, &plan_of(9, "{ num_cpus = 5 }"), |known| known);
        let mut fixed = wide();
        let refused = begun(&mut fixed, false).expect_err("too wide");
        assert!(matches!(refused, Error::FitsNoNode { .. }), "{refused}");
        let mut growing = wide();
        let run = ran(begun(&mut growing, true).expect("decided"));
        assert_eq!(run.decision.layout.to_string(), "per-node");
    }

    #[test]
    fn rows_that_leave_the_query_are_gathered_if_they_are_more_than_asked_for() {
        let run_with = |partitions: u64| {
            let mut tuner =
                tuner(4.0, &plan_of(1, "None"), |known| TunerInput { knows_output: true, ..known });
            assert_eq!(begun(&mut tuner, false), Ok(Step::DescribeOutput));
            let output = OutputDescription {
                output: Output::Collected,
                partitions: Some(1),
                columns: Vec::new(),
                can_gather: true,
            };
            let split = Step::Split { bytes: 100, counts_partitions: true };
            assert_eq!(tuner.next(Observation::Output(output)), Ok(split));
            ran(tuner.next(planned(40, Some(partitions))).expect("decided"))
        };
        assert_eq!(run_with(40).gathered, Some(4), "a partition a slot");
        assert_eq!(run_with(4).gathered, None);
    }

    #[test]
    fn row_groups_are_read_once() {
        let file = "|   Scan Tasks: [\n|   {File {file:///a.parquet}}\n|   ]\n";
        let plan = format!("{}{file}", plan_of(1, "None"));
        let begun = || {
            let mut tuner = tuner(4.0, &plan, |known| known);
            let files = vec!["/a.parquet".to_owned()];
            assert_eq!(super::tests::begun(&mut tuner, false), Ok(Step::ReadRowGroups(files)));
            tuner
        };
        let unknown = begun().next(Observation::RowGroups(Vec::new()));
        assert_eq!(unknown, Ok(Step::Split { bytes: 100, counts_partitions: false }));
        let known = begun().next(Observation::RowGroups(vec![vec![10; 40]]));
        let Ok(Step::Split { bytes, .. }) = known else { panic!("{known:?}") };
        assert_ne!(bytes, 100, "the sizes of the row groups say better");
    }
}
