use crate::cluster::node::Node;
use crate::layout::rules::Layout;
use crate::placement::ranges::Ranges;
use crate::query::profile::QueryProfile;

/// The most threads of a Daft process that have connections of their own (`common/runtime`, Daft 0.5.22 to
/// 0.7.26). Up to this many workers of one CPU have together as many connections for downloads as one worker
/// with as many CPUs.
const MOST_IO_THREADS: u32 = 8;

/// Says which of Daft's limits per process apply to each worker of a query, because they cannot be divided
/// among the workers of a node; None if all limits are as on Daft's own workers.
///
/// A worker makes at least one async call, so a limit below the number of workers of a node cannot be kept. The
/// number of connections is written into a plan, and each thread that a worker has from its start multiplies
/// it.
pub(crate) fn per_worker(
    profile: &QueryProfile,
    nodes: &[Node],
    layout: &Layout,
) -> Option<String> {
    let usable = nodes.iter().filter(|node| node.is_usable());
    let counts = usable.filter_map(|node| Ranges::of_cpus(node, &layout.for_node(node)).ok());
    let workers = counts.map(|ranges| ranges.workers()).max().filter(|workers| *workers > 1)?;
    let async_udfs =
        profile.async_udfs.iter().filter(|async_udf| async_udf.at_once() < u64::from(workers));
    let calls = async_udfs.min_by_key(|async_udf| async_udf.at_once()).map(|async_udf| {
        let (name, limit) = (async_udf.name(), async_udf.at_once());
        format!("makes at least one call of '{name}', although its limit is {limit}")
    });
    let stores = if profile.stores.is_empty() {
        (profile.transfers && workers > MOST_IO_THREADS).then(|| "an object store".to_owned())
    } else {
        Some(profile.stores.join(", "))
    };
    let connections = stores.map(|stores| format!("has its own max_connections to {stores}"));
    let each = [calls, connections].into_iter().flatten().collect::<Vec<_>>();
    (!each.is_empty()).then(|| {
        format!(
            "each of up to {workers} workers of a node {}; under 'per-node' Daft's limits are those of the node",
            each.join(", and ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::node_record::NodeRecord;

    fn of(plan: &str, layout: &str, cpus: f64) -> Option<String> {
        let profile = QueryProfile::read(plan, "").expect("readable");
        let node = Node::try_from(NodeRecord::new("n", cpus, 0.0, 1e11)).expect("valid");
        per_worker(&profile, &[node], &layout.parse().expect("valid"))
    }

    const AWAITED: &str = "* UDF g:\n|   Properties = { concurrency = 2, async = true }\n\
                           |   Resource request = None\n|\n";
    const STORE: &str = "* ScanTaskSource:\n|   Num Scan Tasks = 9\n|   {File {s3://b/a}}\n";

    #[test]
    fn a_limit_below_the_workers_of_a_node_is_reported() {
        let text = of(AWAITED, "per-core", 4.0).expect("a text");
        assert!(
            text.starts_with("each of up to 4 workers of a node makes at least one call of 'g'"),
            "{text}"
        );
        assert!(text.contains("although its limit is 2; under 'per-node'"), "{text}");
        assert_eq!(of(AWAITED, "per-core", 2.0), None, "one each");
        assert_eq!(of(AWAITED, "per-node", 4.0), None);
        let unlimited = AWAITED.replace("concurrency = 2, ", "");
        assert_eq!(of(&unlimited, "per-core", 64.0), None);
        assert!(of(&unlimited, "per-core", 65.0).is_some_and(|text| text.contains("limit is 64")));
    }

    #[test]
    fn connections_to_object_stores_are_reported() {
        let text = of(STORE, "workers-per-node=2", 8.0).expect("a text");
        assert!(text.contains("2 workers of a node has its own max_connections to s3;"), "{text}");
        assert_eq!(of(STORE, "per-node", 8.0), None);
        let both = of(&format!("{AWAITED}{STORE}"), "per-core", 4.0).expect("a text");
        assert!(both.contains("its limit is 2, and has its own max_connections"), "{both}");
    }

    #[test]
    fn downloads_have_more_connections_only_from_more_workers_than_threads() {
        let download = "* Project: url_download(col(0: a)) as b\n|\n* InMemorySource:\n";
        assert_eq!(of(download, "per-core", 8.0), None);
        let text = of(download, "per-core", 9.0).expect("a text");
        assert!(text.contains("has its own max_connections to an object store"), "{text}");
    }
}
