use std::collections::BTreeSet;
use std::sync::Arc;

use hashbrown::HashMap;

use crate::cluster::node::Node;
use crate::error::Error;
use crate::placement::plan::Plan;

/// The nodes of a plan whose workers stay unpinned, because another node is on the same host and would assign
/// the same CPUs.
///
/// # Errors
///
/// [`Error::SharedHost`] for the first worker that cannot be pinned and has no fallback.
pub fn unpinned_nodes(plan: &Plan, nodes: &[Node]) -> Result<BTreeSet<Arc<str>>, Error> {
    let mut nodes_of: HashMap<&str, usize> = HashMap::new();
    for node in nodes.iter().filter(|node| node.is_usable()) {
        *nodes_of.entry(node.host()).or_default() += 1;
    }
    let by_id: HashMap<&str, &Node> = nodes.iter().map(|node| (&**node.id(), node)).collect();
    let mut unpinned = BTreeSet::new();
    for worker in &plan.workers {
        let (Some(pin), Some(node)) = (worker.node_layout.pin(), by_id.get(&*worker.node_id))
        else {
            continue;
        };
        let nodes = nodes_of.get(node.host()).copied().unwrap_or(1);
        if nodes > 1 && !pin.fallback {
            return Err(Error::SharedHost {
                worker: worker.worker_id.clone(),
                nodes,
                host: node.host().to_owned(),
            });
        }
        if nodes > 1 {
            unpinned.insert(Arc::clone(&worker.node_id));
        }
    }
    Ok(unpinned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::node_record::NodeRecord;
    use crate::placement::plan::plan;

    fn record(id: &str, hostname: &str) -> NodeRecord {
        let hostname = Some(hostname.to_owned());
        NodeRecord { hostname, ..NodeRecord::new(id, 2.0, 0.0, 1e9) }
    }

    fn node(id: &str, hostname: &str) -> Node {
        record(id, hostname).try_into().expect("valid")
    }

    fn unpinned(layout: &str, nodes: &[Node]) -> Result<Vec<String>, String> {
        let plan = plan::<&str>(nodes, &layout.parse().expect("valid"), &[]).expect("planned");
        let found = unpinned_nodes(&plan, nodes).map_err(|error| error.to_string())?;
        Ok(found.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn nodes_that_share_a_host_cannot_pin() {
        let nodes = [node("a", "h"), node("b", "h"), node("c", "i")];
        let refused = unpinned("per-core,pin=core", &nodes).expect_err("refused");
        assert!(
            refused.starts_with(
                "worker 'a_cpu_0' cannot be pinned: 2 nodes of the cluster are on the host 'h'"
            ),
            "{refused}"
        );
        let fallback = "per-core,pin=numa,pin-fallback=true";
        assert_eq!(unpinned(fallback, &nodes), Ok(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(unpinned("per-core", &nodes), Ok(Vec::new()));
        assert_eq!(unpinned("per-core,pin=core", &nodes[1..]), Ok(Vec::new()));
        let some = "id=c -> per-core,pin=core; * -> per-core";
        assert_eq!(unpinned(some, &nodes), Ok(Vec::new()));
    }

    #[test]
    fn a_host_is_known_by_its_name_or_else_by_its_address() {
        let host = |hostname| {
            let record =
                NodeRecord { address: Some("10.0.0.1".to_owned()), ..record("a", hostname) };
            Node::try_from(record).expect("valid").host().to_owned()
        };
        assert_eq!(host("h"), "h");
        assert_eq!(host(""), "10.0.0.1");
        assert_eq!(node("a", "").host(), "a");
    }

    #[test]
    fn a_dead_node_does_not_share_its_host() {
        let dead = NodeRecord { alive: false, ..record("b", "h") }.try_into().expect("valid");
        assert_eq!(unpinned("per-core,pin=core", &[node("a", "h"), dead]), Ok(Vec::new()));
    }
}
