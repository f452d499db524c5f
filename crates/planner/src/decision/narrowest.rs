use std::num::NonZeroU32;

use crate::cluster::node::Node;
use crate::layout::kind::LayoutKind;
use crate::layout::node_layout::NodeLayout;
use crate::layout::rules::Layout;
use crate::placement::plan::check;
use crate::query::resource_request::ResourceRequest;

/// Returns the layout of the narrowest workers that can run all requests, the same for all nodes.
pub(crate) fn narrowest(
    requests: &[&ResourceRequest],
    requested: &Layout,
    nodes: &[Node],
) -> NodeLayout {
    let kept = &requested.common_options(nodes);
    let most = nodes.iter().map(Node::cpus).max().unwrap_or(0);
    let fewest = requests.iter().map(|one| fewest_cpus(one, kept, nodes)).max().unwrap_or(1);
    (fewest..most)
        .find(|width| requests.iter().all(|one| last_workers_hold(one, *width, kept, nodes)))
        .and_then(NonZeroU32::new)
        .map(|width| kept.clone().with_kind(LayoutKind::CpusPerWorker(width)))
        // Another node may have too little memory for workers this narrow.
        .filter(|node_layout| check(nodes, &Layout::from(node_layout.clone())).is_ok())
        .unwrap_or_else(|| requested.overflow_to_whole_nodes(nodes))
}

/// The fewest CPUs of a worker that can run a request on each node that can. If no node can, returns more CPUs
/// than any node has.
fn fewest_cpus(request: &ResourceRequest, kept: &NodeLayout, nodes: &[Node]) -> u32 {
    let of_node = |node: &Node| {
        // The first worker of a node has its GPUs.
        let at_once = match request.gpus {
            0.0 => 1,
            _ => request.tasks_at_once(node.cpus(), node.gpus(), node),
        };
        let for_tasks = (f64::from(at_once) * request.cpus).ceil() as u32;
        for_tasks.max(cpus_for_memory(request, kept, node))
    };
    let able = nodes.iter().filter(|node| request.is_held_by(node));
    able.map(of_node).max().unwrap_or(u32::MAX).max(1)
}

/// Whether the last worker of each node, which may be narrower than the others, can run a request or never gets
/// it.
fn last_workers_hold(
    request: &ResourceRequest,
    width: u32,
    kept: &NodeLayout,
    nodes: &[Node],
) -> bool {
    nodes.iter().all(|node| {
        let is_alone = node.cpus() < width;
        let (last, gpus) =
            if is_alone { (node.cpus(), node.gpus()) } else { (node.cpus() % width, 0) };
        !request.may_go_to(last, gpus) || last >= cpus_for_memory(request, kept, node)
    })
}

/// The CPUs of a node whose share of the node's memory is enough.
fn cpus_for_memory(request: &ResourceRequest, kept: &NodeLayout, node: &Node) -> u32 {
    let product = u128::from(request.memory_bytes) * u128::from(node.cpus());
    let memory_bytes = u128::from(kept.memory().of_bytes(node.memory_bytes())).max(1);
    u32::try_from(product.div_ceil(memory_bytes)).unwrap_or(u32::MAX)
}
