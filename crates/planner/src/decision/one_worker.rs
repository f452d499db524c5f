//! Whether a whole query runs as one task on one worker of a node.

use crate::bytes::bytes;
use crate::cluster::node::Node;
use crate::layout::node_layout::NodeLayout;
use crate::layout::one_worker::OneWorker;
use crate::layout::rules::Layout;
use crate::measured::{
    COLUMNS_WRITTEN_PER_S, ROWS_WRITTEN_PER_S, WHOLE_QUERY_BYTES_PER_CORE_S, WHOLE_QUERY_MEMORY,
};
use crate::query::profile::QueryProfile;
use crate::query::whole::plan::Bound;
use crate::query::whole::write::Writer;

/// A query takes at most one of this many parts of a worker's memory. The rest is for what Daft's estimate
/// leaves out, and for other queries.
const PART_OF_MEMORY: u64 = 2;

/// A query that takes one worker at most this long runs on one worker however many cores the other nodes have,
/// in seconds.
const SHORT_S: u64 = 3;

/// A longer query runs on all nodes if these have more than this many percent of the cores of one.
const PERCENT_THAT_PAYS: u64 = 125;

/// A query whose tasks would write several files at the same time runs on one worker, which writes one file
/// after the other, if that takes at most one of this many parts of a second: tasks and shuffles take longer,
/// also if there are twice as many rows as Daft estimates.
const PART_OF_SECOND: u64 = 2;

/// Why a query that may run as one task does not, for the reasons that Python finds out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OneWorkerBlocked {
    /// This release of Daft cannot run a whole query on one worker.
    OlderDaft,
    /// One worker could not run the same query earlier.
    FailedBefore,
    /// The rows may be read as they come, and one worker hands them over only when the query is complete. Only
    /// long queries are kept from one worker by that.
    Streamed,
    /// The rows of most groups are far apart in the files ([`Decision::groups_to_sample`]).
    ///
    /// [`Decision::groups_to_sample`]: crate::Decision::groups_to_sample
    ScatteredGroups,
}

/// A query that one worker runs as one task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WholeQuery {
    /// The memory that a worker must have, in bytes.
    pub memory_bytes: u64,
    /// The cores of the smallest worker that may run it; None if the user has said that one worker does.
    pub cores: Option<u64>,
}

/// Whether a query runs on one worker, and why, as the end of a sentence.
pub(crate) struct Choice {
    pub(crate) whole: Option<WholeQuery>,
    pub(crate) reason: String,
}

/// Decides whether a query runs as one task on one worker. Returns None if the layout does not ask for it, if
/// this Daft cannot do it, or if the query has Python code.
///
/// # Arguments
///
/// * `requested`: the layout in force.
/// * `layout`: that of the workers for the query.
pub(crate) fn one_worker(
    requested: &Layout,
    layout: &Layout,
    profile: &QueryProfile,
    nodes: &[Node],
    blocked: Option<OneWorkerBlocked>,
) -> Option<Choice> {
    let option = common_option(requested, layout, nodes)?;
    if blocked == Some(OneWorkerBlocked::OlderDaft) {
        return None;
    }
    let tasks =
        |why: &str| Choice { whole: None, reason: format!("it runs in tasks because of {why}") };
    match &profile.bound_to_tasks {
        Some(Bound::Python | Bound::Functions) => return None,
        Some(Bound::By(why)) => return Some(tasks(why)),
        None => {}
    }
    if blocked == Some(OneWorkerBlocked::FailedBefore) {
        return Some(tasks("an earlier run, for which one worker was not enough"));
    }
    let Some(read) = profile.scans.bytes else {
        return Some(tasks("a source of unknown size"));
    };
    let needed = in_memory(read);
    let usable: Vec<&Node> = nodes.iter().filter(|node| node.is_usable()).collect();
    let memory = |node: &&Node| layout.for_node(node).memory().of_bytes(node.memory_bytes());
    if let OneWorker::UpTo(most) = option {
        if read > most {
            return Some(tasks(&format!(
                "the {} that it reads, more than 'one-worker={option}'",
                bytes(read)
            )));
        }
        // The user knows better than the estimate, so every worker may run the query.
        let memory_bytes = usable.iter().map(memory).min().unwrap_or(0).min(needed);
        return Some(Choice {
            whole: Some(WholeQuery { memory_bytes, cores: None }),
            reason: format!("it runs as one task on one worker, as 'one-worker={option}' says"),
        });
    }
    let memory_bytes = memory_needed(read);
    let fitting = usable.iter().filter(|node| memory(node) >= memory_bytes);
    let Some(cores) = fitting.map(|node| u64::from(node.cpus())).min() else {
        return Some(tasks(&format!("its size: some {} would be in memory", bytes(needed))));
    };
    let all: u64 = usable.iter().map(|node| u64::from(node.cpus())).sum();
    let seconds = read / WHOLE_QUERY_BYTES_PER_CORE_S / cores.max(1);
    if seconds > SHORT_S && blocked == Some(OneWorkerBlocked::Streamed) {
        return Some(tasks(&format!(
            "its length: one worker would take some {seconds} s, and its rows may be read as they come"
        )));
    }
    if blocked == Some(OneWorkerBlocked::ScatteredGroups) {
        return Some(tasks(
            "its groups, whose rows are far apart in the files: tasks gather fewer each",
        ));
    }
    let written_per_s = match profile.one_writer {
        Some(Writer::Columns) => COLUMNS_WRITTEN_PER_S,
        Some(Writer::Rows) => ROWS_WRITTEN_PER_S,
        None => u64::MAX,
    };
    if read > written_per_s / PART_OF_SECOND {
        return Some(tasks(&format!(
            "its write: one worker would write one file after the other, some {} in all",
            bytes(read)
        )));
    }
    if seconds > SHORT_S && all.saturating_mul(100) > cores.saturating_mul(PERCENT_THAT_PAYS) {
        return Some(tasks(&format!(
            "its length: one worker would take some {seconds} s, and all nodes have {all} cores to its {cores}"
        )));
    }
    Some(Choice {
        whole: Some(WholeQuery { memory_bytes, cores: Some(cores) }),
        reason: format!(
            "it runs as one task on one worker, which has room for it: some {} would be in memory",
            bytes(needed)
        ),
    })
}

/// How many bytes a query takes that reads so many bytes.
fn in_memory(read: u64) -> u64 {
    read.saturating_mul(WHOLE_QUERY_MEMORY)
}

/// The memory that a worker must have for a query that reads so many bytes.
pub(crate) fn memory_needed(read: u64) -> u64 {
    in_memory(read).saturating_mul(PART_OF_MEMORY)
}

/// What all nodes say of queries on one worker, if each has one worker; None if that is never.
fn common_option(requested: &Layout, layout: &Layout, nodes: &[Node]) -> Option<OneWorker> {
    if !layout.is_whole_for(nodes) {
        return None;
    }
    let mut options =
        requested.node_layouts(nodes).map(|node_layout: NodeLayout| node_layout.one_worker());
    let first = options.next().filter(|option| *option != OneWorker::Never)?;
    options.all(|option| option == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::node_record::NodeRecord;
    use crate::decision::decide::{DecisionInput, decide};
    use crate::decision::outcome::Decision;

    const GIB: u64 = 1 << 30;
    const LOGICAL: &str = "* Num Scan Tasks = 8\n|   Scan Tasks: [\n|   ]\n";

    fn scan(bytes: u64) -> String {
        format!("* ScanTaskSource:\n|   Num Scan Tasks = 8\n|   Estimated Scan Bytes = {bytes}\n")
    }

    /// The decision for a scan of so many bytes, on nodes of so many CPUs and so many GiB.
    fn decided(read: u64, layout: &str, nodes: &[(u32, u64)]) -> Decision {
        of_plan(&scan(read), LOGICAL, layout, nodes, None)
    }

    fn of_plan(
        plan: &str,
        logical: &str,
        layout: &str,
        nodes: &[(u32, u64)],
        one_worker_blocked: Option<OneWorkerBlocked>,
    ) -> Decision {
        let node = |(index, (cpus, gib)): (usize, &(u32, u64))| {
            let memory = (gib * GIB) as f64;
            Node::try_from(NodeRecord::new(&format!("n{index}"), f64::from(*cpus), 0.0, memory))
                .expect("valid")
        };
        let nodes: Vec<Node> = nodes.iter().enumerate().map(node).collect();
        let layout = layout.parse().expect("valid");
        let (scarce, work) = (&[], &[]);
        let (layout, nodes) = (&layout, &nodes[..]);
        decide(DecisionInput { plan, logical, layout, nodes, scarce, work, one_worker_blocked })
            .expect("decided")
    }

    const ONE: &[(u32, u64)] = &[(4, 24)];

    #[test]
    fn a_query_that_fits_a_part_of_one_worker_s_memory_runs_there() {
        let whole = decided(4 * GIB, "auto", ONE);
        assert_eq!(whole.whole, Some(WholeQuery { memory_bytes: 24 * GIB, cores: Some(4) }));
        assert_eq!(whole.layout.to_string(), "per-node");
        assert_eq!(
            whole.reason,
            "no Python code runs in its workers; it runs as one task on one worker, which has room for it: \
             some 12.0 GiB would be in memory"
        );
        let large = decided(4 * GIB + 1, "auto", ONE);
        assert_eq!(large.whole, None);
        assert!(large.reason.ends_with("because of its size: some 12.0 GiB would be in memory"));
        assert_eq!(decided(4 * GIB, "auto,memory=0.9", ONE).whole, None);
        let mixed = &[(1, 1), (4, 24)];
        assert!(decided(4 * GIB, "auto", mixed).whole.is_some(), "the larger node has room");
    }

    #[test]
    fn a_long_query_runs_on_all_nodes_if_they_have_more_cores() {
        let long = 500_000_000 * 4;
        let of = |nodes: usize| decided(long, "auto", &vec![(10, 100); nodes]);
        assert!(of(1).whole.is_some());
        let reason = of(2).reason;
        assert!(
            reason
                .ends_with("one worker would take some 4 s, and all nodes have 20 cores to its 10"),
            "{reason}"
        );
        let with_head = decided(long, "auto", &[(10, 100), (2, 4)]);
        assert!(with_head.whole.is_some(), "the head adds little");
        assert!(decided(long / 2, "auto", &[(10, 100); 4]).whole.is_some(), "it is short");
    }

    #[test]
    fn a_long_query_whose_rows_are_read_as_they_come_runs_in_tasks() {
        let streamed =
            |read| of_plan(&scan(read), LOGICAL, "auto", ONE, Some(OneWorkerBlocked::Streamed));
        assert!(streamed(700_000_000).whole.is_some());
        let long = streamed(800_000_000);
        assert_eq!(long.whole, None);
        assert!(long.reason.ends_with("and its rows may be read as they come"), "{}", long.reason);
    }

    #[test]
    fn rows_that_several_tasks_would_write_at_once_are_few() {
        let written = |format: &str, above: &str, read: u64| {
            let sink = format!("* Sink: {format}\n|   Root dir = /out\n|\n");
            let logical = format!("{sink}{LOGICAL}");
            of_plan(&format!("{sink}{above}{}", scan(read)), &logical, "auto", ONE, None)
        };
        let sorted = "* Sort\n|   Sort by: col(0: a)\n|\n";
        for (format, most) in [("Parquet", 400_000_000), ("Csv", 100_000_000)] {
            assert!(written(format, sorted, most).whole.is_some(), "{format}");
            let more = written(format, sorted, most + 1);
            assert_eq!(more.whole, None, "{format}");
            assert!(more.reason.contains("one file after the other"), "{}", more.reason);
            let grouped = "* Group-By Aggregate: col(0: k)\n|\n";
            assert!(written(format, grouped, GIB).whole.is_some(), "{format}: few rows are left");
        }
        let as_read = written("Parquet", "", 1000);
        assert!(
            as_read.reason.ends_with("the files that it writes, one for each of 8 tasks"),
            "{}",
            as_read.reason
        );
    }

    #[test]
    fn scattered_groups_of_many_rows_run_in_tasks() {
        let logical = |rows: u64| {
            format!(
                "* Aggregation: sum(col(v)) as v\n|   Group by = col(k)\n|   Output schema = k#Int64, \
                 v#Decimal128(38, 2)\n|\n* Num Scan Tasks = 1\n|   Schema: {{k#Int64, v#Decimal128(15, \
                 2)}}\n|   Scan Tasks: [\n|   {{File {{file:///a.parquet}}}}\n|   ]\n|   Stats = {{ Approx \
                 num rows = {rows}, Approx size bytes = 1 B }}\n"
            )
        };
        let decided = |rows, layout, why| of_plan(&scan(GIB), &logical(rows), layout, ONE, why);
        assert!(decided(20_000_000, "auto", None).groups_to_sample().is_some(), "4 cores");
        assert_eq!(decided(19_999_999, "auto", None).groups_to_sample(), None);
        let asked = decided(20_000_000, "auto,one-worker=2GiB", None);
        assert!(
            asked.whole.is_some() && asked.groups_to_sample().is_none(),
            "the user knows better"
        );
        let scattered = decided(20_000_000, "auto", Some(OneWorkerBlocked::ScatteredGroups));
        assert_eq!((scattered.whole, scattered.groups_to_sample()), (None, None));
        assert!(scattered.reason.contains("its groups"), "{}", scattered.reason);
    }

    #[test]
    fn the_option_says_which_queries_run_on_one_worker() {
        let reads = |layout| decided(GIB, layout, ONE);
        for never in ["auto,one-worker=never", "per-node"] {
            assert_eq!(reads(never).whole, None, "{never}");
            assert!(!reads(never).reason.contains("task"), "{never}");
        }
        assert!(reads("per-node,one-worker=auto").whole.is_some());
        assert!(reads("auto,one-worker=1GiB").whole.is_some());
        let more = reads("auto,one-worker=1023MiB");
        assert_eq!(more.whole, None);
        assert!(more.reason.ends_with("the 1.0 GiB that it reads, more than 'one-worker=1023MiB'"));
        let beyond = decided(400 * GIB, "auto,one-worker=1TiB", ONE);
        let any = WholeQuery { memory_bytes: 24 * GIB, cores: None };
        assert_eq!(beyond.whole, Some(any), "any worker may");
    }

    #[test]
    fn every_node_must_have_one_worker() {
        let nodes = &[(4, 24), (4, 24)];
        let small = GIB / 2;
        let mixed = decided(small, "id=n0 -> cpus-per-worker=2; * -> auto", nodes);
        assert_eq!(mixed.whole, None);
        assert!(
            decided(small, "id=n0 -> per-node; * -> auto", nodes).whole.is_none(),
            "they differ"
        );
        assert!(decided(small, "id=n0 -> auto,memory=0.5; * -> auto", nodes).whole.is_some());
        assert_eq!(decided(GIB, "auto", &[]).whole, None);
    }

    #[test]
    fn what_is_not_known_runs_in_tasks() {
        let unknown = decided(0, "auto", ONE);
        assert!(unknown.reason.ends_with("because of a source of unknown size"));
        let blocked = |why| of_plan(&scan(GIB), LOGICAL, "auto", ONE, Some(why));
        let failed = blocked(OneWorkerBlocked::FailedBefore);
        assert!(failed.reason.ends_with("an earlier run, for which one worker was not enough"));
        let older = blocked(OneWorkerBlocked::OlderDaft);
        assert_eq!((failed.whole, older.whole), (None, None));
        assert_eq!(older.reason, "no Python code runs in its workers");
        assert_eq!(of_plan(&scan(GIB), "", "auto", ONE, None).whole, None);
    }

    #[test]
    fn python_code_has_rules_of_its_own() {
        let udf = format!("* UDF f:\n|   Resource request = None\n|\n{}", scan(GIB));
        let decision = of_plan(&udf, LOGICAL, "auto", &[(4, 24); 8], None);
        assert_eq!(decision.whole, None);
        assert!(!decision.reason.contains("because of"), "{}", decision.reason);
    }
}
