//! Whether one worker runs a whole query whose Python code is known to take little time.

use crate::bytes::bytes;
use crate::cluster::node::Node;
use crate::decision::one_worker::{Choice, OneWorkerBlocked, WholeQuery, memory_needed};
use crate::layout::one_worker::OneWorker;
use crate::layout::rules::Layout;
use crate::query::profile::QueryProfile;
use crate::query::whole::plan::Bound;

/// Python code of a query is light if it takes at most so long, in microseconds. Daft's own workers run it with
/// one GIL a node too, so it takes no longer than there. A UDF of 41 ms took 0.084 s in 4 tasks on 4 CPUs, and
/// 0.056 s on stock.
const LIGHT_US: u64 = 50_000;

/// Decides whether a query with Python code runs as one task on one of the workers for Python code.
///
/// It does if its Python code is functions alone, and if earlier queries have shown that these take little time.
/// Code of an unknown length gets its tasks.
///
/// # Arguments
///
/// * `requested`: the layout in force.
/// * `work_us`: how long the query is expected to take in all tasks together, in microseconds, if that is known.
pub(crate) fn light_python(
    requested: &Layout,
    profile: &QueryProfile,
    nodes: &[Node],
    work_us: Option<u64>,
    blocked: Option<OneWorkerBlocked>,
) -> Option<Choice> {
    if profile.bound_to_tasks != Some(Bound::Functions)
        || !requested.is_auto_for(nodes)
        || !matches!(blocked, None | Some(OneWorkerBlocked::Streamed))
        || !profile.requests.iter().all(|request| request.fits_any_worker())
    {
        return None;
    }
    let read = profile.scans.bytes?;
    let is_allowed = |option| match option {
        OneWorker::Never => false,
        OneWorker::UpTo(most) => read <= most,
        OneWorker::Auto => true,
    };
    if !requested.node_layouts(nodes).all(|of_node| is_allowed(of_node.one_worker())) {
        return None;
    }
    (work_us? <= LIGHT_US).then(|| Choice {
        whole: Some(WholeQuery { memory_bytes: memory_needed(read), cores: None }),
        reason: format!(
            "it runs as one task on one worker, because its Python code took little time before: it reads {}",
            bytes(read)
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::node_record::NodeRecord;
    use crate::cost::known_work::KnownWork;
    use crate::decision::decide::{DecisionInput, decide};
    use crate::decision::outcome::Decision;

    const SCAN: &str =
        "* ScanTaskSource:\n|   Num Scan Tasks = 1\n|   Estimated Scan Bytes = 65536\n";
    const UDF: &str =
        "* UDF m.f:\n|   Expr = m.f-0(col(0: a)) as b\n|   Resource request = None\n|\n";
    const LOGICAL_SCAN: &str = "* Num Scan Tasks = 1\n|   Scan Tasks: [\n|   ]\n";

    fn of(
        plan: &str,
        us_per_mib: u64,
        layout: &str,
        blocked: Option<OneWorkerBlocked>,
    ) -> Decision {
        let node = NodeRecord::new("n", 4.0, 0.0, 24e9);
        let nodes = [Node::try_from(node).expect("valid")];
        decide(DecisionInput {
            plan: &format!("{plan}{SCAN}"),
            logical: &format!("{plan}{LOGICAL_SCAN}"),
            layout: &layout.parse().expect("valid"),
            nodes: &nodes,
            scarce: &[],
            work: &[KnownWork::timed("m.f", us_per_mib)],
            one_worker_blocked: blocked,
        })
        .expect("decided")
    }

    fn is_whole(us_per_mib: u64, layout: &str) -> bool {
        of(UDF, us_per_mib, layout, None).whole.is_some()
    }

    #[test]
    fn light_code_runs_whole_on_a_worker_of_its_own_fleet() {
        let light = of(UDF, 16_000, "auto", None);
        assert_eq!(light.whole, Some(WholeQuery { memory_bytes: 6 * 65536, cores: None }));
        assert_eq!(light.layout.to_string(), "per-core,startup=progressive");
        assert!(
            light
                .reason
                .ends_with("because its Python code took little time before: it reads 64.0 KiB"),
            "{}",
            light.reason
        );
    }

    #[test]
    fn code_that_gains_by_many_gils_gets_tasks() {
        let heavy = of(UDF, 16_000_000, "auto", None);
        assert_eq!(heavy.whole, None);
        assert!(heavy.tasks_wanted > 4, "a second of work");
        // A sixteenth of a MiB, with the time to decode it.
        assert!(is_whole(16 * 50_000 - 10_000, "auto"));
        assert!(!is_whole(16 * 50_000 - 9_000, "auto"));
    }

    #[test]
    fn what_is_not_asked_for_or_not_known_gets_tasks() {
        assert!(!is_whole(16, "per-core"));
        assert!(!is_whole(16, "auto,one-worker=never"));
        assert!(!is_whole(16, "auto,one-worker=1KiB"));
        assert!(is_whole(16, "auto,one-worker=1MiB"));
        let unknown = UDF.replace("m.f", "m.g");
        assert_eq!(of(&unknown, 16, "auto", None).whole, None);
        for blocked in [OneWorkerBlocked::OlderDaft, OneWorkerBlocked::FailedBefore] {
            assert_eq!(of(UDF, 16, "auto", Some(blocked)).whole, None);
        }
        assert!(of(UDF, 16, "auto", Some(OneWorkerBlocked::Streamed)).whole.is_some());
    }

    #[test]
    fn other_python_code_gets_tasks() {
        for other in [
            "|   Properties = { use_process = true, async = false }\n",
            "|   Properties = { async = true }\n",
            "|   Resource request = { num_cpus = 2 }\n",
            "|   Resource request = { num_gpus = 1 }\n",
        ] {
            let plan = UDF.replace("|   Resource request = None\n", other);
            assert_eq!(of(&plan, 16, "auto", None).whole, None, "{other}");
        }
        let actor = UDF.replace("* UDF m.f:", "* ActorUDF:\n|   UDF = m.f");
        assert_eq!(of(&actor, 16, "auto", None).whole, None);
        let sink = format!("* DataSink:\n|   Schema = a\n|\n{UDF}");
        assert_eq!(of(&sink, 16, "auto", None).whole, None);
        let ids = format!("* MonotonicallyIncreasingId: 1\n|\n{UDF}");
        assert_eq!(of(&ids, 16, "auto", None).whole, None);
    }
}
