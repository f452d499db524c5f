use std::sync::Arc;

use crate::cluster::node::Node;
use crate::cost::gil_use::LEAST_WORK_US;
use crate::cost::known_work::KnownWork;
use crate::decision::choose_layout::{choose, own_processes, shared_gil};
use crate::decision::fit::route;
use crate::decision::light_python::light_python;
use crate::decision::one_worker::{OneWorkerBlocked, one_worker};
use crate::decision::outcome::Decision;
use crate::decision::process_limits::per_worker;
use crate::decision::scans::split_blocked::SplitBlocked;
use crate::decision::task_slots::{TaskGoal, fleet_size};
use crate::error::Error;
use crate::instances::scarce::Scarce;
use crate::layout::rules::Layout;
use crate::query::profile::QueryProfile;

/// What is known of a query before it runs, and of the cluster.
#[derive(Debug, Clone, Copy)]
pub struct DecisionInput<'a> {
    /// The text of the distributed plan: `DistributedPhysicalPlan.repr_ascii(False)`.
    pub plan: &'a str,
    /// The text of the optimized logical plan; empty if it is unknown.
    pub logical: &'a str,
    /// The layout in force.
    pub layout: &'a Layout,
    /// The nodes of the cluster.
    pub nodes: &'a [Node],
    /// The classes whose instances do not fit into every worker, as earlier queries have shown.
    pub scarce: &'a [Scarce],
    /// How long Python code takes, as earlier queries have shown.
    pub work: &'a [KnownWork],
    /// Why the query cannot run as one task on one worker, if Python knows a reason.
    pub one_worker_blocked: Option<OneWorkerBlocked>,
}

/// Decides on which workers a query runs.
///
/// Under `auto` the query runs on the workers that suit it, under another layout on the workers of that layout.
/// In both cases it runs on wider workers if these cannot run its tasks. If the plan cannot be read, the query
/// runs under the requested layout with a warning; under `auto` it runs on Daft's own workers, which run every
/// plan.
///
/// # Errors
///
/// The error of a node that the layout cannot divide.
pub fn decide(input: DecisionInput<'_>) -> Result<Decision, Error> {
    let DecisionInput { layout, nodes, scarce, .. } = input;
    let mut profile = match QueryProfile::read(input.plan, input.logical) {
        Ok(profile) => profile,
        Err(error) => return Ok(Decision::of_unreadable(&error, layout, nodes)),
    };
    let python_code: Vec<String> = profile.python_code().map(str::to_owned).collect();
    let scarce = Scarce::of_query(scarce, profile.python_code()).cloned();
    let is_auto = layout.is_auto_for(nodes);
    let (target_layouts, suits) = if is_auto {
        let choice = choose(layout, &profile, scarce.as_ref(), input.work, nodes);
        if choice.is_native {
            // No scan is split for code that releases the GIL.
            profile.python_stages.clear();
        }
        (choice.layout, choice.reason)
    } else {
        match own_processes(&profile).filter(|_| !layout.is_whole_for(nodes)) {
            Some(reason) => {
                profile.python_stages.clear();
                (Layout::from(layout.overflow_to_whole_nodes(nodes)), reason)
            }
            None => (layout.for_native(), "it is the layout in force".to_owned()),
        }
    };
    let mut route = route(&profile, &target_layouts, nodes)?;
    let warns = route.warning.is_some() && !is_auto;
    // Under `auto`, Python code of few tasks is on Daft's own workers only until its scans are split.
    let is_python = is_auto && route.warning.is_none() && !profile.python_stages.is_empty();
    let split = if is_python { layout.for_python() } else { route.layout.clone() };
    let most_per_node = scarce.map_or(u64::MAX, |scarce| scarce.workers.max(1));
    let fleet = fleet_size(nodes, &split, most_per_node);
    let goal = TaskGoal::of_query(&profile, nodes, fleet, input.work);
    let blocked = input.one_worker_blocked;
    let light = light_python(layout, &profile, nodes, goal.work_us, blocked);
    if light.is_some() {
        route.layout = layout.for_python();
    }
    let is_long = goal.work_us.is_none_or(|us| us >= LEAST_WORK_US);
    let watches_gil = is_auto && is_long && light.is_none() && !profile.python_stages.is_empty();
    let shares_gil = is_auto
        && light.is_none()
        && route.layout.is_whole_for(nodes)
        && shared_gil(&profile.python_stages, input.work, nodes).is_some();
    let one_worker = light.or_else(|| one_worker(layout, &route.layout, &profile, nodes, blocked));
    let mut reason = route.warning.unwrap_or(suits);
    if let Some(choice) = &one_worker {
        reason = format!("{reason}; {}", choice.reason);
    }
    let in_order = |layout: &Layout| {
        layout.node_layouts(nodes).all(|node_layout| node_layout.has_one_thread_each())
    };
    let keeps_order = in_order(&route.layout);
    let split_blocked = if !layout.node_layouts(nodes).all(|node_layout| node_layout.splits()) {
        Some(SplitBlocked::Layout)
    } else if profile.scans.depends_on_row_order && !in_order(&split) {
        Some(SplitBlocked::Order)
    } else {
        None
    };
    let may_split =
        split_blocked.is_none() && profile.scans.pinned_by.is_none() && !layout.is_whole_for(nodes);
    let may_merge = may_split && !profile.scans.is_concurrent && keeps_order;
    let per_worker = per_worker(&profile, nodes, &route.layout);
    let is_cut = may_split && !profile.python_stages.is_empty() && one_worker.is_none();
    let cost = if is_cut { goal.cost_line(fleet) } else { None };
    Ok(Decision {
        layout: route.layout,
        fits_no_node: route.fits_no_node,
        reason,
        whole: one_worker.and_then(|choice| choice.whole),
        warns,
        slots: fleet.slots,
        may_split,
        may_merge,
        split_blocked,
        mixes_rows: profile.scans.depends_on_row_order && !keeps_order,
        tasks_wanted: goal.wanted,
        tasks_of_files: goal.of_files,
        bytes: profile.scans.bytes,
        watches_gil,
        shares_gil,
        per_worker,
        cost,
        python_code,
        profile: Arc::new(profile),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::node_record::NodeRecord;
    use crate::decision::scans::gather::Output;
    use crate::decision::scans::merge::Merge;

    fn nodes(cpus: &[u32]) -> Vec<Node> {
        let node = |(index, cpus): (usize, &u32)| {
            Node::try_from(NodeRecord::new(&format!("n{index}"), f64::from(*cpus), 0.0, 1e11))
                .expect("valid")
        };
        cpus.iter().enumerate().map(node).collect()
    }

    fn decided(plan: &str, layout: &str, cpus: &[u32]) -> Decision {
        let layout: Layout = layout.parse().expect("valid");
        let (layout, nodes) = (&layout, &nodes(cpus)[..]);
        let logical = "* Source:\n|   Number of partitions = 2\n";
        let (scarce, work, one_worker_blocked) = (&[], &[], None);
        decide(DecisionInput { plan, logical, layout, nodes, scarce, work, one_worker_blocked })
            .expect("decided")
    }

    fn udf_over(tasks: u64) -> String {
        format!("{UDF}{}", scan(tasks))
    }

    fn scan(tasks: u64) -> String {
        format!(
            "* ScanTaskSource:\n|   Num Scan Tasks = {tasks}\n|   Estimated Scan Bytes = 6400\n"
        )
    }

    const PROGRESSIVE: &str = "per-core,startup=progressive";
    const AWAITED: &str =
        "* UDF g:\n|   Properties = { async = true }\n|   Resource request = None\n|\n";
    const UDF: &str = "* UDF f:\n|   Resource request = None\n|\n";
    const IN_MEMORY: &str = "* InMemorySource:\n|   Schema = a\n";

    fn layout_of(plan: &str, layout: &str) -> String {
        decided(plan, layout, &[4, 4]).layout.to_string()
    }

    #[test]
    fn auto_gives_python_code_one_worker_per_core_and_native_work_daft_s_own() {
        assert_eq!(layout_of(&udf_over(8), "auto"), PROGRESSIVE);
        assert_eq!(layout_of(&udf_over(8), "auto,startup=eager,memory=0.5"), "per-core,memory=0.5");
        assert_eq!(layout_of(&scan(8), "auto"), "per-node");
        assert_eq!(layout_of(&scan(8), "auto,memory=0.5,pin=core"), "per-node,memory=0.5");
        assert_eq!(layout_of(&udf_over(8), "auto,keep=1h"), format!("{PROGRESSIVE},keep=1h"));
        assert_eq!(layout_of(&scan(8), "auto,keep=1h"), "per-node,keep=1h");
        let rules = "id=n0 -> cpus-per-worker=2; * -> auto";
        assert_eq!(layout_of(&scan(8), rules), "id=n0 -> cpus-per-worker=2; * -> per-node");
        assert_eq!(layout_of(&scan(8), "per-core"), "per-core", "as it was asked for");
    }

    #[test]
    fn auto_runs_queries_of_no_more_tasks_than_nodes_on_daft_s_own_workers() {
        assert_eq!(layout_of(&udf_over(2), "auto"), "per-node");
        assert_eq!(layout_of(&udf_over(3), "auto"), PROGRESSIVE);
        assert_eq!(layout_of(&format!("{UDF}{IN_MEMORY}"), "auto"), "per-node");
        let branch = format!("{UDF}* BroadcastJoin\n|\\\n| * InMemorySource:\n|\n{IN_MEMORY}");
        assert_eq!(layout_of(&branch, "auto"), PROGRESSIVE);
    }

    #[test]
    fn auto_runs_async_code_on_daft_s_own_workers() {
        let async_udfs = decided(&format!("{AWAITED}{}", scan(8)), "auto", &[4, 4]);
        assert_eq!(async_udfs.layout.to_string(), "per-node");
        assert!(
            async_udfs.reason.contains("is async, which waits without the GIL: 'g'"),
            "{async_udfs:?}"
        );
        assert_eq!(async_udfs.per_worker, None);
        let few = decided(&format!("{AWAITED}{}", scan(1)), "auto", &[4, 4]);
        assert_eq!((few.next_split(&[], &[]), few.hint()), (None, None), "nothing else would");
        let mixed = decided(&format!("{AWAITED}{}", udf_over(8)), "auto", &[4, 4]);
        assert_eq!(mixed.layout.to_string(), PROGRESSIVE);
        assert!(mixed.reason.starts_with("'f' is Python code, which holds the GIL"), "{mixed:?}");
    }

    #[test]
    fn auto_runs_wide_tasks_on_wider_workers_without_a_warning() {
        let wide = udf_over(8).replace("None", "{ num_cpus = 3 }");
        let auto = decided(&wide, "auto", &[4, 4]);
        assert_eq!(auto.layout.to_string(), "cpus-per-worker=3,startup=progressive");
        assert!(auto.reason.contains("asks for 3 CPUs") && !auto.warns, "{auto:?}");
        assert!(decided(&wide, "per-core", &[4, 4]).warns);
    }

    #[test]
    fn auto_runs_unreadable_plans_on_workers_that_run_every_task() {
        let auto = decided("nonsense", "auto", &[4]);
        assert_eq!((auto.layout.to_string().as_str(), auto.warns), ("per-node", true));
        let per_core = decided("nonsense", "per-core", &[4]);
        assert_eq!((per_core.layout.to_string().as_str(), per_core.warns), ("per-core", true));
        assert!(per_core.reason.contains("would wait for ever"), "{}", per_core.reason);
        let split_blocked = decided("nonsense", "per-core,split=false", &[4]);
        assert_eq!(split_blocked.layout, per_core.layout, "the same workers");
        let mixed = decided("nonsense", "id=n0 -> auto; * -> per-core", &[4, 4]);
        assert!(mixed.reason.contains("would wait for ever"), "{}", mixed.reason);
    }

    #[test]
    fn scans_of_python_code_are_split_until_every_slot_has_work() {
        let one = decided(&udf_over(1), "auto", &[4, 4]);
        assert_eq!((one.slots, one.next_split(&[], &[])), (8, Some(80)));
        let split = decided(&udf_over(40), "auto", &[4, 4]);
        assert_eq!(one.next_split(&[(80, &split)], &[]), None);
        assert_eq!(split.layout.to_string(), PROGRESSIVE);
        assert_eq!(decided(&udf_over(1), "per-core", &[4, 4]).next_split(&[], &[]), Some(80));
        assert_eq!(decided(&udf_over(1), "per-node", &[4, 4]).next_split(&[], &[]), None);
        assert_eq!(decided(&scan(1), "auto", &[4, 4]).next_split(&[], &[]), None);
        assert_eq!(decided(&udf_over(8), "auto", &[4, 4]).next_split(&[], &[]), None);
    }

    #[test]
    fn a_split_that_divides_other_scans_too_finely_is_refused() {
        let joined = |own: u64, other: u64| {
            let branch = udf_over(own).replace('\n', "\n| ");
            decided(&format!("* BroadcastJoin\n|\\\n| {branch}|\n{}", scan(other)), "auto", &[4, 4])
        };
        let first = joined(1, 10);
        assert_eq!((first.profile.scans.tasks, first.next_split(&[], &[])), (11, Some(80)));
        assert_eq!(first.refuses(&joined(80, 80)), None);
        assert_eq!(first.refuses(&joined(10, 200)), Some(SplitBlocked::OtherScans));
        assert_eq!(joined(1, 500).refuses(&joined(80, 500)), None, "it had as many");
    }

    #[test]
    fn remote_files_are_split_until_every_slot_has_a_task() {
        let remote = |tasks| {
            let file = "|   Scan Tasks: [\n|   {File {s3://b/a.parquet}}\n";
            decided(&format!("{}{file}", udf_over(tasks)), "auto", &[4, 4])
        };
        let one = remote(1);
        assert_eq!(one.next_split(&[], &[]), Some(80));
        assert_eq!(one.next_split(&[(80, &remote(8))], &[]), None);
        assert_eq!(one.next_split(&[(80, &remote(7))], &[]), Some(7));
    }

    #[test]
    fn small_files_are_merged_if_their_order_holds() {
        let merged = |plan: &str, layout: &str| decided(plan, layout, &[4, 4]).merge();
        let ten_a_slot = Some(Merge { bytes: 80, files: 2 });
        assert_eq!(merged(&udf_over(200), "auto"), ten_a_slot);
        assert_eq!(merged(&udf_over(200), "per-core"), ten_a_slot);
        assert_eq!(merged(&udf_over(100), "auto"), None, "few tasks");
        assert_eq!(merged(&scan(200), "auto"), None, "native");
        for wide in ["per-node", "cpus-per-worker=2", "per-core,threads=2"] {
            assert_eq!(merged(&udf_over(200), wide), None, "threads mix the files of a task");
        }
        let async_udfs = udf_over(200).replace(UDF, &format!("{UDF}{AWAITED}"));
        assert_eq!(merged(&async_udfs, "auto"), None);
        assert_eq!(decided(&async_udfs, "auto", &[4, 4]).layout.to_string(), PROGRESSIVE);
    }

    #[test]
    fn files_of_lines_whose_row_order_matters_are_split_only_if_the_order_holds() {
        let lines = "|   Scan Tasks: [\n|   {File {file:///a.jsonl}}\n|   ]\n";
        let plan = format!("* Distinct: By col(0: k)\n|\n{}{lines}", udf_over(1));
        let split = |layout: &str| decided(&plan, layout, &[4, 4]).next_split(&[], &[]);
        for in_order in ["per-core", "auto", "id=n0 -> auto; * -> per-core"] {
            assert_eq!(split(in_order), Some(160), "{in_order}, below a shuffle");
        }
        for mixed in ["cpus-per-worker=2", "auto,threads=2", "id=n0 -> auto"] {
            assert_eq!(split(mixed), None, "{mixed}");
            let hint = decided(&plan, mixed, &[4, 4]).hint().expect("too few tasks");
            assert!(hint.contains("because a split would mix its rows"), "{hint}");
        }
        // With two tasks on two nodes, each task is still on a worker of several threads.
        let two = decided(&plan.replace("Tasks = 1", "Tasks = 2"), "auto", &[4, 4]);
        assert_eq!(decided(&plan, "auto", &[4, 4]).refuses(&two), Some(SplitBlocked::Order));
    }

    #[test]
    fn the_rows_of_all_scans_count_when_they_are_gathered() {
        let gathered = |bytes: u64| {
            let other = scan(100).replace("6400", &bytes.to_string());
            let branch = udf_over(1).replace('\n', "\n| ");
            let plan = format!("* Concat\n|\\\n| {branch}|\n{other}");
            let split_goal =
                decided(&plan, "per-core", &[4, 4]).split_goal(Output::Collected, 101, &[], true);
            split_goal.expect("it is split").gathered
        };
        assert_eq!(gathered(6400), Some(101));
        assert_eq!(gathered(1 << 40), None, "what is not split would be in Ray's store as well");
        assert_eq!(gathered(0), None, "of unknown size");
    }

    #[test]
    fn a_rule_that_selects_no_node_decides_nothing() {
        let of = |plan: &str, layout: &str| decided(plan, layout, &[4, 4]);
        for layout in ["resource=GPU -> per-core", "resource=GPU -> auto"] {
            assert_eq!(of(&udf_over(200), layout).merge(), None, "{layout}: threads mix the files");
            assert_eq!(of(&udf_over(1), layout).next_split(&[], &[]), None, "{layout}");
        }
        let none = of(&udf_over(200), "resource=GPU -> auto");
        assert_eq!(none.layout.to_string(), "resource=GPU -> per-node");
        assert_eq!(none.reason, "it is the layout in force");
        let some = of(&udf_over(200), "id=n0 -> auto");
        assert_eq!(some.layout.to_string(), "id=n0 -> per-core,startup=progressive");
        assert_eq!(some.merge(), None, "the other node has several threads");
        assert_eq!(some.next_split(&[], &[]), None, "it has tasks enough");
        let wide = udf_over(8).replace("None", "{ num_cpus = 2 }");
        let kept = of(&wide, "resource=GPU -> per-node,memory=0.1; * -> per-core,max-workers=3");
        assert_eq!(kept.layout.to_string(), "cpus-per-worker=2,max-workers=3");
    }

    #[test]
    fn operators_that_depend_on_tasks_block_splits() {
        for operator in ["MonotonicallyIncreasingId", "Sample", "RandomShuffle", "Limit"] {
            let plan = |tasks| format!("* {operator}: 1\n|\n{}", udf_over(tasks));
            assert_eq!(decided(&plan(200), "auto", &[4, 4]).merge(), None);
            let one = decided(&plan(1), "per-core", &[4, 4]);
            assert_eq!(one.next_split(&[], &[]), None);
            let hint = one.hint().expect("too few tasks");
            assert!(
                hint.contains(&format!("the result of '{operator}' may depend on how rows")),
                "{hint}"
            );
        }
    }

    #[test]
    fn the_hint_says_why_slots_have_no_work_and_what_to_do() {
        let hint = |plan: &str| decided(plan, "auto", &[4]).hint();
        assert_eq!(hint(&udf_over(4)), None);
        assert_eq!(hint(&scan(1)), None);
        for (plan, tasks, cause) in [
            (
                udf_over(1),
                "in 1 task on",
                "its files are not split any further; df.into_partitions(4)",
            ),
            (
                format!("{UDF}{IN_MEMORY}"),
                "in 2 tasks on",
                "because the in-memory table has only 2 partitions; df.into_partitions(4)",
            ),
        ] {
            let hint = hint(&plan).expect("too few tasks");
            assert!(
                hint.contains(tasks) && hint.contains("on 4 slots") && hint.contains(cause),
                "{hint}"
            );
        }
        let own = Decision {
            split_blocked: Some(SplitBlocked::OwnOptions),
            ..decided(&udf_over(1), "auto", &[4])
        };
        assert!(own.hint().is_some_and(|hint| hint.contains("options that you have set")));
    }
}
