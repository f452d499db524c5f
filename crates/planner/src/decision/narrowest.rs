use std::num::NonZeroU32;

use crate::cluster::node::Node;
use crate::layout::kind::LayoutKind;
use crate::layout::node_layout::NodeLayout;
use crate::layout::rules::Layout;
use crate::placement::plan::check;
use crate::query::resource_request::ResourceRequest;

/// The narrowest cut of all nodes whose workers hold the requests.
pub(crate) fn narrowest(
    requests: &[&ResourceRequest],
    asked: &Layout,
    nodes: &[Node],
) -> NodeLayout {
    let kept = asked.common_options(nodes);
    let most = nodes.iter().map(Node::cpus).max().unwrap_or(0);
    let fewest = requests.iter().map(|one| fewest_cpus(one, kept, nodes)).max().unwrap_or(1);
    (fewest..most)
        .find(|width| requests.iter().all(|one| last_workers_hold(one, *width, kept, nodes)))
        .and_then(NonZeroU32::new)
        .map(|width| kept.with_kind(LayoutKind::CpusPerWorker(width)))
        // Some other node may have no room for workers as narrow.
        .filter(|node_layout| check(nodes, &Layout::from(*node_layout)).is_ok())
        .unwrap_or(NodeLayout::new(LayoutKind::PerNode))
}

/// The fewest CPUs of a worker that holds a request on each node that does. Where no node does, more than
/// any has.
fn fewest_cpus(request: &ResourceRequest, kept: NodeLayout, nodes: &[Node]) -> u32 {
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

/// Whether the last worker of each node, which may be narrower than the others, holds a request or is given
/// none.
fn last_workers_hold(
    request: &ResourceRequest,
    width: u32,
    kept: NodeLayout,
    nodes: &[Node],
) -> bool {
    nodes.iter().all(|node| {
        let is_alone = node.cpus() < width;
        let (last, gpus) =
            if is_alone { (node.cpus(), node.gpus()) } else { (node.cpus() % width, 0) };
        !request.may_go_to(last, gpus) || last >= cpus_for_memory(request, kept, node)
    })
}

/// The CPUs of a node whose share of its memory is enough.
fn cpus_for_memory(request: &ResourceRequest, kept: NodeLayout, node: &Node) -> u32 {
    let product = u128::from(request.memory_bytes) * u128::from(node.cpus());
    let memory_bytes = u128::from(kept.memory().of_bytes(node.memory_bytes())).max(1);
    u32::try_from(product.div_ceil(memory_bytes)).unwrap_or(u32::MAX)
}
