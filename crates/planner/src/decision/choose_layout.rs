use crate::cluster::node::Node;
use crate::cost::known_work::KnownWork;
use crate::instances::scarce::Scarce;
use crate::layout::rules::Layout;
use crate::query::profile::QueryProfile;
use crate::query::python_stage::PythonStage;
use crate::quoted::Quoted;

/// The layout for a query under `auto`.
pub(crate) struct Choice {
    /// The layout.
    pub(crate) layout: Layout,
    /// Why the layout suits the query.
    pub(crate) reason: String,
    /// Whether the query counts as native work: no Python code in its workers holds their GIL.
    pub(crate) is_native: bool,
}

/// Chooses the layout for a query under `auto`.
///
/// Python code runs on one worker per core, where each worker has a GIL of its own. Six kinds of queries run
/// on Daft's own workers, with all their threads: those without Python code, those with a UDF that runs in
/// processes of its own, those whose Python code releases the GIL, as the option `one-copy` or the size of a
/// class says, those whose Python code was seen to hold the GIL so little that all slots of a node share one,
/// those whose Python code has no more tasks than there are nodes, because each node's worker has a
/// GIL as well, and those whose Python code only waits, because Daft limits its calls per worker.
pub(crate) fn choose(
    layout: &Layout,
    profile: &QueryProfile,
    scarce: Option<&Scarce>,
    work: &[KnownWork],
    nodes: &[Node],
) -> Choice {
    let QueryProfile { python_stages, async_udfs, .. } = profile;
    let native = |reason| Choice { layout: layout.for_native(), reason, is_native: true };
    if let Some(reason) = own_processes(profile) {
        return native(reason);
    }
    // A stage of an unknown number of tasks counts as one of many.
    let tasks_of = |python_stages: &&PythonStage| python_stages.tasks.unwrap_or(u64::MAX);
    let Some(most) = python_stages.iter().max_by_key(tasks_of) else {
        return native(match async_udfs.first() {
            Some(waits) => {
                format!(
                    "all Python code in its workers is async, which waits without the GIL: '{}'",
                    waits.name()
                )
            }
            None => "no Python code runs in its workers".to_owned(),
        });
    };
    let name = Quoted(&most.operator);
    if python_stages.iter().all(|stage| layout.runs_in_one_copy(&stage.operator, nodes)) {
        return native(format!(
            "'{name}' is Python code that runs in one copy per node, as 'one-copy' says"
        ));
    }
    if let Some(Scarce { name, workers, of }) = scarce.filter(|scarce| scarce.is_rare()) {
        return native(format!(
            "'{}' takes so much memory that {workers} of {of} workers of a node have room for it, so one copy \
             per node runs with all threads",
            Quoted(name)
        ));
    }
    if let Some(held) = shared_gil(python_stages, work, nodes) {
        let reason = format!(
            "'{name}' was seen to hold the GIL for {}.{} % of its time, so the slots of a node share one",
            held / 10,
            held % 10
        );
        return Choice { layout: layout.for_native(), reason, is_native: false };
    }
    let nodes = nodes.iter().filter(|node| node.is_usable()).count();
    let (layout, reason) = match most.tasks {
        Some(tasks) if tasks <= nodes as u64 => (
            layout.for_native(),
            format!(
                "'{name}' is Python code, but has no more tasks than there are nodes ({tasks} of {nodes})"
            ),
        ),
        Some(tasks) => (
            layout.for_python(),
            format!("'{name}' is Python code, which holds the GIL of its worker, in {tasks} tasks"),
        ),
        None => (
            layout.for_python(),
            format!("'{name}' is Python code, which holds the GIL of its worker"),
        ),
    };
    Choice { layout, reason, is_native: false }
}

/// The most that the Python code of a query was seen to hold the GIL, in thousandths of its time, if the slots of
/// each node can share one; None if they cannot, or if it is not known.
pub(crate) fn shared_gil(
    stages: &[PythonStage],
    work: &[KnownWork],
    nodes: &[Node],
) -> Option<u64> {
    let slots =
        nodes.iter().filter(|node| node.is_usable()).map(|node| u64::from(node.cpus())).max()?;
    let held = |stage: &PythonStage| {
        let known = work.iter().find(|known| known.operator == stage.operator)?;
        known.gil_permille.filter(|_| known.shares_gil_among(slots))
    };
    stages.iter().map(held).try_fold(0, |most, held| Some(most.max(held?)))
}

/// Why a query must run on Daft's own workers because of a UDF with `use_process`; None if it has none.
///
/// Daft starts the processes of such a UDF for each task, and its class is built in each of them. Only tasks
/// that run in one worker at the same time share them (0.7.6 to 0.7.26).
pub(crate) fn own_processes(profile: &QueryProfile) -> Option<String> {
    let name = Quoted(profile.own_processes.as_ref()?);
    Some(format!(
        "'{name}' runs in processes of its own, which only the tasks of one worker can share"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::node_record::NodeRecord;
    use crate::decision::decide::{DecisionInput, decide};
    use crate::decision::outcome::Decision;

    #[test]
    fn code_that_was_seen_to_release_the_gil_runs_on_daft_s_own_workers() {
        let udfs =
            "* UDF f:\n|   Resource request = None\n|\n* UDF g:\n|   Resource request = None\n|\n";
        let of = |permille: [Option<u64>; 2]| {
            let work = |(name, gil_permille): (&str, Option<u64>)| KnownWork {
                operator: name.to_owned(),
                us_per_mib: 1 << 40,
                gil_permille,
            };
            let work: Vec<_> = ["f", "g"].into_iter().zip(permille).map(work).collect();
            let record = NodeRecord::new("n", 4.0, 0.0, 1e11);
            decide(DecisionInput {
                plan: &format!("{udfs}{}", scan(1)),
                logical: "",
                layout: &"auto".parse().expect("valid"),
                nodes: &[Node::try_from(record).expect("valid"), node_of_two()],
                scarce: &[],
                work: &work,
                one_worker_blocked: None,
            })
            .expect("decided")
        };
        let free = of([Some(20), Some(120)]);
        assert_eq!(free.layout.to_string(), "per-node");
        assert!(
            free.reason
                .ends_with("hold the GIL for 12.0 % of its time, so the slots of a node share one")
        );
        assert!(free.shares_gil && free.watches_gil);
        assert!(free.next_split(&[], &[]).is_some(), "its scan is split as before");
        for bound in [[Some(20), Some(130)], [Some(20), None]] {
            assert!(
                of(bound).reason.contains("holds the GIL") || of(bound).reason.contains("nodes (1")
            );
        }
    }

    fn node_of_two() -> Node {
        Node::try_from(NodeRecord::new("m", 2.0, 0.0, 1e11)).expect("valid")
    }

    /// The decision for UDFs of these names over a scan of this many tasks, on nodes of 4 CPUs.
    fn decided(udfs: &[&str], tasks: u64, layout: &str, nodes: usize) -> Decision {
        let of_udf = |name: &&str| format!("* UDF {name}:\n|   Resource request = None\n|\n");
        let plan: String = udfs.iter().map(of_udf).collect();
        decided_plan(&format!("{plan}{}", scan(tasks)), layout, nodes)
    }

    fn decided_plan(plan: &str, layout: &str, nodes: usize) -> Decision {
        let record = |index| NodeRecord::new(&format!("n{index}"), 4.0, 0.0, 1e11);
        let nodes: Vec<_> =
            (0..nodes).map(|index| Node::try_from(record(index)).expect("valid")).collect();
        let layout = layout.parse().expect("valid");
        decide(DecisionInput {
            plan,
            logical: "",
            layout: &layout,
            nodes: &nodes,
            scarce: &[],
            work: &[],
            one_worker_blocked: None,
        })
        .expect("decided")
    }

    fn scan(tasks: u64) -> String {
        format!(
            "* ScanTaskSource:\n|   Num Scan Tasks = {tasks}\n|   Estimated Scan Bytes = 6400\n"
        )
    }

    const MODEL: &str = "m.Model.__call__";
    const PER_CORE: &str = "per-core,startup=progressive";

    #[test]
    fn code_that_is_named_in_one_copy_counts_as_native_work() {
        let named = decided(&[MODEL], 40, "auto,memory=0.5,one-copy=Other|m.Model", 2);
        assert_eq!(named.layout.to_string(), "per-node,memory=0.5");
        assert_eq!(
            named.reason,
            "'m.Model.__call__' is Python code that runs in one copy per node, as 'one-copy' says"
        );
        for tasks in [1, 2, 40, 200] {
            let named = decided(&[MODEL], tasks, "auto,one-copy=Model", 2);
            assert!(named.reason.contains("as 'one-copy' says"), "{named:?}");
            assert_eq!(
                (named.next_split(&[], &[]), named.merge(), named.hint()),
                (None, None, None)
            );
            let other = decided(&[MODEL], tasks, "auto,one-copy=Other", 2);
            assert_eq!(other, decided(&[MODEL], tasks, "auto", 2));
        }
    }

    #[test]
    fn code_beside_that_in_one_copy_keeps_the_rule() {
        for tasks in [1, 40] {
            let some = decided(&[MODEL, "f"], tasks, "auto,one-copy=Model", 2);
            assert_eq!(some, decided(&[MODEL, "f"], tasks, "auto", 2));
        }
        let both = decided(&[MODEL, "f"], 40, "auto,one-copy=Model|f", 2);
        assert_eq!(both.layout.to_string(), "per-node");
        let awaited =
            "* UDF g:\n|   Properties = { async = true }\n|   Resource request = None\n|\n";
        let model = "* UDF m.Model:\n|   Resource request = None\n|\n";
        let both = decided_plan(&format!("{awaited}{model}{}", scan(40)), "auto,one-copy=Model", 2);
        assert_eq!(both.layout.to_string(), "per-node", "async code holds no GIL");
    }

    #[test]
    fn every_auto_node_must_name_what_runs_in_one_copy() {
        let of = |layout, nodes| decided(&[MODEL], 40, layout, nodes).layout.to_string();
        let only_n0 = "id=n0 -> auto,one-copy=Model; * -> auto";
        assert_eq!(of(only_n0, 1), "id=n0 -> per-node; * -> per-node");
        let per_core = format!("id=n0 -> {PER_CORE}; * -> {PER_CORE}");
        assert_eq!(of(only_n0, 2), per_core);
        assert_eq!(of(only_n0, 0), per_core, "a node of the other rule may come");
        let fixed = "id=n0 -> cpus-per-worker=2; * -> auto,one-copy=Model";
        assert_eq!(of(fixed, 2), "id=n0 -> cpus-per-worker=2; * -> per-node");
        assert_eq!(decided(&[MODEL], 1, fixed, 2).next_split(&[], &[]), None);
    }

    #[test]
    fn code_in_processes_of_its_own_runs_on_daft_s_own_workers() {
        let process = "* UDF m.Model:\n|   Properties = { use_process = true, async = false }\n\
                       |   Resource request = None\n|\n";
        let udf = "* UDF f:\n|   Resource request = None\n|\n";
        for layout in ["auto", "per-core", "cpus-per-worker=2,max-workers=1"] {
            for others in ["", udf] {
                let plan = format!("{process}{others}{}", scan(1));
                let decision = decided_plan(&plan, layout, 2);
                assert_eq!(decision.layout.to_string(), "per-node", "{layout}");
                assert_eq!(
                    decision.reason,
                    "'m.Model' runs in processes of its own, which only the tasks of one worker can share"
                );
                let next = (decision.next_split(&[], &[]), decision.merge(), decision.hint());
                assert_eq!((decision.warns, next), (false, (None, None, None)));
            }
        }
        let whole = decided_plan(&format!("{process}{}", scan(1)), "per-node,memory=0.5", 2);
        assert_eq!(whole.layout.to_string(), "per-node,memory=0.5", "as it was asked for");
    }

    #[test]
    fn code_in_one_copy_may_be_wide() {
        let wide = "* UDF Model:\n|   Resource request = { num_cpus = 3 }\n|\n";
        let named = decided_plan(&format!("{wide}{}", scan(8)), "auto,one-copy=Model", 2);
        assert_eq!(named.layout.to_string(), "per-node", "a whole node holds it");
        assert!(named.reason.contains("as 'one-copy' says") && !named.warns, "{named:?}");
    }

    #[test]
    fn scans_are_split_for_the_workers_that_have_room_for_a_class() {
        let nodes = [0, 1].map(|index| {
            Node::try_from(NodeRecord::new(&format!("n{index}"), 16.0, 0.0, 1e11)).expect("valid")
        });
        let plan = format!("* UDF f:\n|   Resource request = None\n|\n{}", scan(1));
        let with = |workers, layout: &str| {
            let layout = layout.parse().expect("valid");
            let scarce = [Scarce { name: "f".to_owned(), workers, of: 16 }];
            let input = DecisionInput {
                plan: &plan,
                logical: "",
                layout: &layout,
                nodes: &nodes,
                scarce: &scarce,
                work: &[],
                one_worker_blocked: None,
            };
            decide(input).expect("decided")
        };
        assert_eq!((with(3, "auto").slots, with(3, "per-core").slots), (6, 6));
        assert_eq!(with(3, "auto").next_split(&[], &[]), Some(106));
        let rare = with(2, "auto");
        assert_eq!(rare.layout.to_string(), "per-node");
        assert_eq!(
            rare.reason,
            "'f' takes so much memory that 2 of 16 workers of a node have room for it, so one copy per \
             node runs with all threads"
        );
        assert_eq!(rare.python_code, ["f"]);
        assert_eq!(with(2, "per-core").layout.to_string(), "per-core", "as it was asked for");
    }
}
