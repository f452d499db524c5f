use hashbrown::HashMap;

use crate::bytes::bytes;
use crate::cluster::node::Node;
use crate::decision::narrowest::narrowest;
use crate::error::Error;
use crate::layout::kind::LayoutKind;
use crate::layout::node_layout::NodeLayout;
use crate::layout::rules::Layout;
use crate::placement::plan::{check, plan};
use crate::placement::worker::Worker;
use crate::query::profile::QueryProfile;
use crate::query::resource_request::ResourceRequest;
use crate::quoted::Quoted;

/// The layout that a query runs under.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// The layout.
    pub layout: Layout,
    /// Why it is not the requested layout: the operator, its request and the layout.
    pub warning: Option<String>,
    /// The error for the first task that no node can run. It counts only if no autoscaler can add such a node.
    pub fits_no_node: Option<Error>,
}

/// Finds the layout for a query: the requested one if its workers can run the query's tasks, else the narrowest
/// that can, and Daft's own as a last resort.
///
/// A worker can run a task if it has the CPUs, the GPUs and the memory that the task asks for. Daft itself
/// checks only CPUs and whether any GPU is free (`WorkerSnapshot::can_schedule_task`, Daft 0.5.22 to 0.7.26),
/// so every worker that Daft may choose must be able to run the task. And no GPU may be idle because its worker
/// has no free CPU slot.
///
/// A task that asks for more memory than any node has is left to Daft, which refuses it.
///
/// # Errors
///
/// The errors of [`plan`] for the requested layout.
pub fn route(profile: &QueryProfile, requested: &Layout, nodes: &[Node]) -> Result<Route, Error> {
    let nodes: Vec<Node> = nodes.iter().filter(|node| node.is_usable()).cloned().collect();
    let stay = Route { layout: requested.clone(), warning: None, fits_no_node: None };
    if nodes.is_empty() {
        // Nodes may be added, and workers of one CPU could not run a task that asks for more.
        let beyond =
            profile.requests.iter().find(|request| request.cpus > 1.0 || request.gpus > 0.0);
        return Ok(beyond.map_or(stay, |request| {
            overflow_layout(request, requested, requested.overflow_to_whole_nodes(&nodes))
        }));
    }
    let is_held = |request: &ResourceRequest| nodes.iter().any(|node| request.is_held_by(node));
    let not_held = profile.requests.iter().find(|request| !is_held(request));
    let fits_no_node = not_held.map(|request| fits_no_node(request, &nodes));
    let stay = Route { fits_no_node: fits_no_node.clone(), ..stay };
    // A joined request that no node can run is not one task, or the task waits on Daft's own workers as well.
    let joined = profile.joined.iter().filter(|one| is_held(one));
    let requests: Vec<&ResourceRequest> = profile.requests.iter().chain(joined).collect();
    if requests.iter().all(|request| request.fits_any_worker()) {
        return check(&nodes, requested).map(|()| stay);
    }
    let workers = plan::<&str>(&nodes, requested, &[])?.workers;
    let not_held = requests.iter().filter(|one| !workers_hold(&workers, &nodes, one));
    let widest = not_held.reduce(|one, next| {
        let [node_layout, other] =
            [next, one].map(|request| narrowest(&[request], requested, &nodes));
        if is_wider(&node_layout, &other) { next } else { one }
    });
    // The query runs under one layout, which must also run the tasks that the requested layout could run.
    Ok(widest.map_or(stay, |request| Route {
        fits_no_node,
        ..overflow_layout(request, requested, narrowest(&requests, requested, &nodes))
    }))
}

fn overflow_layout(
    request: &ResourceRequest,
    requested: &Layout,
    node_layout: NodeLayout,
) -> Route {
    let layout = Layout::from(node_layout);
    let warning = (layout != *requested).then(|| {
        format!(
            "the task of '{}' asks for {}, which does not fit the workers of the layout '{}'; \
             this query runs under '{layout}'",
            Quoted(&request.operator),
            describe(request.cpus, request.gpus, request.memory_bytes),
            Quoted(&requested.to_string()),
        )
    });
    Route { layout, warning, fits_no_node: None }
}

/// Whether the workers can run the tasks of a request, whichever worker Daft chooses. If a task needs GPUs,
/// each node with GPUs must run as many at once as its one stock worker would.
fn workers_hold(workers: &[Worker], nodes: &[Node], request: &ResourceRequest) -> bool {
    let mut slots: HashMap<&str, u32> = HashMap::new();
    let by_id: HashMap<&str, &Node> = nodes.iter().map(|node| (&**node.id(), node)).collect();
    for worker in workers {
        if let Some(node) = by_id.get(&*worker.node_id) {
            if may_lack(worker, node, request) {
                return false;
            }
            let slots = slots.entry(&worker.node_id).or_default();
            *slots = slots.saturating_add(request.tasks_at_once(worker.cpus, worker.gpus, node));
        }
    }
    let slots_of = |node: &Node| slots.get(&**node.id()).copied().unwrap_or(0);
    let mut able = nodes.iter().filter(|node| request.is_held_by(node)).peekable();
    if request.gpus == 0.0 {
        return able.any(|node| slots_of(node) > 0);
    }
    able.peek().is_some()
        && able.all(|node| slots_of(node) >= request.tasks_at_once(node.cpus(), node.gpus(), node))
}

/// Whether Daft may give a task to a worker that has too little for it.
fn may_lack(worker: &Worker, node: &Node, request: &ResourceRequest) -> bool {
    let lacks_gpus = f64::from(worker.gpus) < request.gpus.min(node.gpus().into());
    request.may_go_to(worker.cpus, worker.gpus)
        && (lacks_gpus || worker.memory_bytes < request.memory_bytes)
}

fn is_wider(node_layout: &NodeLayout, other: &NodeLayout) -> bool {
    match (node_layout.kind(), other.kind()) {
        (LayoutKind::CpusPerWorker(width), LayoutKind::CpusPerWorker(other)) => width > other,
        (kind, other) => kind == LayoutKind::PerNode && other != LayoutKind::PerNode,
    }
}

fn fits_no_node(request: &ResourceRequest, nodes: &[Node]) -> Error {
    let largest = nodes.iter().max_by_key(|node| {
        let wanted = if request.gpus > 0.0 { node.gpus() } else { 0 };
        (wanted, node.cpus())
    });
    Error::FitsNoNode {
        operator: request.operator.clone(),
        request: describe(request.cpus, request.gpus, request.memory_bytes),
        largest: largest.map_or_else(
            || "none".to_owned(),
            |node| describe(node.cpus().into(), node.gpus().into(), node.memory_bytes()),
        ),
    }
}

fn describe(cpus: f64, gpus: f64, memory_bytes: u64) -> String {
    let mut text = format!("{cpus} CPUs");
    if gpus > 0.0 {
        text += &format!(", {gpus} GPUs");
    }
    if memory_bytes > 0 {
        text += &format!(", {} of memory", bytes(memory_bytes));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::node_record::NodeRecord;

    const GIB: u64 = 1 << 30;

    fn node(id: &str, cpus: f64, gpus: f64, memory: u64) -> Node {
        Node::try_from(NodeRecord::new(id, cpus, gpus, memory as f64)).expect("valid")
    }

    fn profile(cpus: f64, gpus: f64, memory_bytes: u64) -> QueryProfile {
        let request = ResourceRequest { operator: "udf".to_owned(), cpus, gpus, memory_bytes };
        QueryProfile { requests: vec![request], ..QueryProfile::default() }
    }

    fn to(profile: &QueryProfile, requested: &str, nodes: &[Node]) -> String {
        let requested = requested.parse().expect("layout");
        route(profile, &requested, nodes).expect("feasible").layout.to_string()
    }

    #[test]
    fn tasks_that_fit_keep_the_layout() {
        let nodes = [node("a", 4.0, 1.0, 4 * GIB)];
        for fitting in [
            profile(1.0, 0.0, 0),
            profile(0.5, 0.0, GIB),
            profile(1.0, 1.0, 0),
            QueryProfile::default(),
        ] {
            assert_eq!(to(&fitting, "per-core", &nodes), "per-core");
        }
        assert_eq!(to(&profile(4.0, 0.0, 0), "per-node", &nodes), "per-node");
    }

    #[test]
    fn wide_tasks_get_the_narrowest_workers_that_fit() {
        let nodes = [node("a", 8.0, 0.0, 8 * GIB), node("b", 2.0, 0.0, 8 * GIB)];
        assert_eq!(to(&profile(2.0, 0.0, 0), "per-core", &nodes), "cpus-per-worker=2");
        assert_eq!(
            to(&profile(1.5, 0.0, 0), "per-core,max-workers=2", &nodes),
            "cpus-per-worker=2,max-workers=2"
        );
        assert_eq!(to(&profile(3.0, 0.0, 0), "cpus-per-worker=2", &nodes), "cpus-per-worker=3");
        assert_eq!(to(&profile(8.0, 0.0, 0), "per-core", &nodes), "per-node");
        assert_eq!(
            to(&profile(1.0, 0.0, 3 * GIB), "cpus-per-worker=3", &nodes),
            "cpus-per-worker=4"
        );
    }

    #[test]
    fn every_worker_that_daft_may_choose_has_the_memory() {
        let nodes = [node("a", 8.0, 0.0, 8 * GIB), node("b", 2.0, 0.0, 8 * GIB)];
        let of = |cpus: f64, memory_bytes: u64| {
            to(&profile(cpus, 0.0, memory_bytes), "per-core", &nodes)
        };
        assert_eq!(of(1.0, GIB), "per-core");
        // Two CPUs of node a come with 2 GiB, and so does half a CPU of node b.
        assert_eq!(of(1.0, 2 * GIB), "cpus-per-worker=2");
        // With three CPUs each, node a would have a last worker of two CPUs with too little.
        assert_eq!(of(1.0, 3 * GIB), "cpus-per-worker=4");
        assert_eq!(of(3.0, 3 * GIB), "cpus-per-worker=3", "a worker of two is given none");
        assert_eq!(of(1.0, 5 * GIB), "per-node");
        // Half of node b's memory is not enough for any of its workers.
        let unequal = [node("a", 8.0, 0.0, 64 * GIB), node("b", 2.0, 0.0, 4 * GIB)];
        let three = profile(1.0, 0.0, 3 * GIB);
        assert_eq!(to(&three, "per-core,memory=0.5", &unequal), "per-node");
        // Only Daft's own worker knows of memory that a node has and Ray does not count.
        let small = [node("a", 8.0, 0.0, 8 * GIB), node("b", 2.0, 0.0, GIB)];
        assert_eq!(to(&profile(1.0, 0.0, 2 * GIB), "per-core", &small), "per-node");
        // One byte more than the share of two CPUs, which an f64 cannot represent.
        let large = [node("a", 6.0, 0.0, 3 << 58)];
        assert_eq!(to(&profile(1.0, 0.0, 1 << 58), "per-core", &large), "cpus-per-worker=2");
        assert_eq!(to(&profile(1.0, 0.0, (1 << 58) + 1), "per-core", &large), "cpus-per-worker=3");
    }

    #[test]
    fn every_worker_that_daft_may_choose_has_the_gpus() {
        let nodes = [node("a", 2.0, 3.0, 8 * GIB)];
        let spread = "per-core,gpus=spread";
        assert_eq!(to(&profile(1.0, 1.0, 0), spread, &nodes), spread);
        assert_eq!(to(&profile(1.0, 2.0, 0), spread, &nodes), "cpus-per-worker=1");
    }

    #[test]
    fn gpus_do_not_wait_for_slots() {
        let nodes = [node("a", 8.0, 2.0, 8 * GIB)];
        assert_eq!(to(&profile(1.0, 1.0, 0), "per-core", &nodes), "cpus-per-worker=2");
        assert_eq!(to(&profile(1.0, 0.5, 0), "per-core", &nodes), "cpus-per-worker=4");
        assert_eq!(to(&profile(1.0, 2.0, 0), "per-core", &nodes), "per-core");
        assert_eq!(to(&profile(1.0, 4.0, 0), "per-core", &nodes), "per-core", "as stock runs it");
        assert_eq!(to(&profile(2.0, 4.0, 0), "per-core", &nodes), "cpus-per-worker=2");
        assert_eq!(to(&profile(1.0, 1.0, 0), "cpus-per-worker=2", &nodes), "cpus-per-worker=2");
        assert_eq!(to(&profile(1.0, 0.1, 0), "per-core", &nodes), "per-node");
    }

    #[test]
    fn every_node_s_gpus_count() {
        let nodes =
            [node("a", 8.0, 1.0, 8 * GIB), node("b", 8.0, 4.0, 8 * GIB), node("c", 8.0, 0.0, GIB)];
        assert_eq!(to(&profile(1.0, 1.0, 0), "per-core", &nodes), "cpus-per-worker=4");
    }

    #[test]
    fn spread_gpus_are_counted_together() {
        let nodes = [node("a", 8.0, 2.0, 8 * GIB)];
        let spread = "per-core,gpus=spread";
        assert_eq!(to(&profile(1.0, 1.0, 0), spread, &nodes), spread);
        assert_eq!(to(&profile(1.0, 0.5, 0), spread, &nodes), "cpus-per-worker=4");
        // One task needs both devices: only the first worker has them, at any width.
        assert_eq!(to(&profile(1.0, 2.0, 0), spread, &nodes), "cpus-per-worker=1");
    }

    #[test]
    fn the_widest_of_several_decides() {
        let mut two = profile(2.0, 0.0, 0);
        two.requests.extend(profile(3.0, 0.0, 0).requests);
        assert_eq!(to(&two, "per-core", &[node("a", 8.0, 0.0, GIB)]), "cpus-per-worker=3");
    }

    #[test]
    fn the_wider_layout_fits_all_tasks_of_the_requested_one() {
        let mut two = profile(4.0, 0.0, 0);
        two.requests.extend(profile(1.0, 2.0, 0).requests);
        let nodes = [node("a", 8.0, 2.0, 8 * GIB)];
        assert_eq!(to(&two, "cpus-per-worker=4,gpus=spread", &nodes), "cpus-per-worker=4");
    }

    #[test]
    fn udfs_that_may_be_several_tasks_are_not_refused_as_one() {
        let plan = |between: &str| {
            format!(
                "* UDF b:\n|   Resource request = {{ num_gpus = 1 }}\n|\n* {between}\n|\n\
                 * UDF a:\n|   Resource request = {{ num_cpus = 8 }}\n"
            )
        };
        let nodes = [node("a", 8.0, 0.0, GIB), node("b", 2.0, 1.0, GIB)];
        let of = |between| QueryProfile::read(&plan(between), "").expect("readable");
        assert_eq!(to(&of("IntoPartitions(Ray)"), "per-core", &nodes), "per-node");
        let one_task = route(&of("Filter: x"), &Layout::default(), &nodes);
        let fits = one_task.expect("routed").fits_no_node.is_none();
        assert!(!fits, "it waits on stock as well");
    }

    #[test]
    fn the_warning_names_operator_request_and_layout() {
        let warning = route(&profile(2.0, 0.0, 0), &Layout::default(), &[node("a", 4.0, 0.0, GIB)])
            .expect("feasible")
            .warning
            .expect("a warning");
        for part in ["'udf'", "2 CPUs", "'per-core'", "'cpus-per-worker=2'"] {
            assert!(warning.contains(part), "{warning}");
        }
    }

    #[test]
    fn a_task_that_fits_no_node_is_an_error() {
        let nodes = [node("a", 4.0, 0.0, GIB), node("b", 2.0, 0.0, GIB)];
        let routed =
            |profile: &QueryProfile| route(profile, &Layout::default(), &nodes).expect("feasible");
        let wide = routed(&profile(5.0, 0.0, 0));
        assert_eq!(wide.layout.to_string(), "per-node");
        let text = wide.fits_no_node.expect("too wide").to_string();
        assert!(
            text.contains("'udf' asks for 5 CPUs") && text.contains("the largest: 4 CPUs"),
            "{text}"
        );
        assert!(routed(&profile(1.0, 1.0, 0)).fits_no_node.is_some());
        assert_eq!(routed(&profile(4.0, 0.0, 0)).fits_no_node, None);
        // Daft itself refuses such a request for memory.
        assert_eq!(to(&profile(1.0, 0.0, 9 * GIB), "per-core", &nodes), "per-node");
        // Without a node, wide tasks get wide workers on the nodes that may be added.
        assert_eq!(to(&profile(9.0, 0.0, 0), "per-core", &[]), "per-node");
        assert_eq!(to(&profile(1.0, 0.0, 0), "per-core", &[]), "per-core");
    }

    #[test]
    fn layouts_with_rules_are_checked_by_their_workers() {
        let nodes = [node("a", 8.0, 2.0, 8 * GIB), node("b", 4.0, 0.0, 8 * GIB)];
        let mixed = "resource=GPU -> per-gpu; * -> per-core";
        for fitting in [profile(4.0, 0.0, 0), profile(1.0, 1.0, 0)] {
            assert_eq!(to(&fitting, mixed, &nodes), mixed);
        }
        assert_eq!(to(&profile(5.0, 0.0, 0), mixed, &nodes), "cpus-per-worker=5");
        assert_eq!(to(&profile(8.0, 0.0, 0), mixed, &nodes), "per-node");
        assert_eq!(to(&profile(4.0, 0.0, 0), "id=a -> per-core", &nodes), "id=a -> per-core");
    }

    #[test]
    fn common_options_are_kept() {
        let nodes = [node("a", 8.0, 0.0, 8 * GIB)];
        let two = profile(2.0, 0.0, 0);
        assert_eq!(
            to(&two, "per-core,memory=0.5,threads=1,pin=core", &nodes),
            "cpus-per-worker=2,memory=0.5,pin=core"
        );
        let half = "id=b -> per-node,memory=0.5; * -> per-core";
        assert_eq!(to(&two, half, &nodes), "cpus-per-worker=2", "there is no such node");
        let both = [nodes[0].clone(), node("b", 1.0, 0.0, 8 * GIB)];
        assert_eq!(to(&two, half, &both), "cpus-per-worker=2,memory=0.5");
        // Half of the memory goes to workers, and 2 GiB of it are the share of four CPUs.
        assert_eq!(
            to(&profile(1.0, 0.0, 2 * GIB), "per-core,memory=0.5", &nodes),
            "cpus-per-worker=4,memory=0.5"
        );
        assert_eq!(to(&profile(1.0, 0.0, 5 * GIB), "per-core,memory=0.5", &nodes), "per-node");
    }

    #[test]
    fn wider_workers_keep_instances_as_long_if_all_nodes_do() {
        let nodes = [node("a", 8.0, 0.0, 8 * GIB), node("b", 8.0, 0.0, 8 * GIB)];
        let [two, all] = [2.0, 8.0].map(|cpus| profile(cpus, 0.0, 0));
        let kept = "per-core,keep=10min";
        assert_eq!(to(&two, kept, &nodes), "cpus-per-worker=2,keep=10min");
        assert_eq!(to(&all, kept, &nodes), "per-node,keep=10min");
        assert_eq!(to(&all, kept, &[]), "per-node,keep=10min");
        let longer_on_a = "id=a -> per-core,keep=1h; * -> per-core,keep=10min";
        assert_eq!(to(&two, longer_on_a, &nodes), "cpus-per-worker=2");
        assert_eq!(to(&all, longer_on_a, &nodes), "per-node");
        assert_eq!(to(&two, longer_on_a, &nodes[1..]), "cpus-per-worker=2,keep=10min");
        assert_eq!(to(&two, longer_on_a, &[]), "per-node");
    }

    #[test]
    fn workers_too_small_for_some_node_are_not_chosen() {
        let nodes = [node("a", 8.0, 0.0, 8 * GIB), node("b", 64.0, 0.0, GIB)];
        assert_eq!(
            to(&profile(3.0, 0.0, 0), "workers-per-node=8,max-workers=4", &nodes),
            "workers-per-node=8,max-workers=4"
        );
        assert_eq!(to(&profile(3.0, 0.0, 2 * GIB), "workers-per-node=8", &nodes), "per-node");
    }
}
