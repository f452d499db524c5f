//! Pictures of what was read back: as they were when they were last looked at, and without overlap.
//!
//! `UPDATE_EXPECT=1` writes the files anew; look at them before they are kept.

#![allow(clippy::expect_used)]

mod drawn;

use drawn::{assert_nothing_overlaps, assert_only_text};
use expect_test::expect_file;
use protoplast_planner::{
    FleetReport, Node, NodeRecord, Status, WorkerReport, WorkerState, plan, status_to_svg,
};

const MIB: u64 = 1 << 20;
const TILES: [&str; 3] = ["worker", "silent", "dead"];

fn node(name: &str, cpus: u32, gpus: u32) -> Node {
    let memory = u64::from(cpus) * 4096 * MIB;
    let id = name.repeat(56 / name.len());
    Node::try_from(NodeRecord::new(&id, cpus.into(), gpus.into(), memory as f64)).expect("valid")
}

/// A fleet whose workers all answered, each with some other figures.
fn fleet(layout: &str, nodes: &[Node]) -> FleetReport {
    let layout = layout.parse().expect("a layout");
    let plan = plan::<&str>(nodes, &layout, &[]).expect("a plan");
    let worker = |(place, planned): (usize, &protoplast_planner::Worker)| {
        let place = u32::try_from(place).expect("few");
        WorkerReport {
            worker_id: planned.worker_id.clone(),
            node_id: planned.node_id.to_string(),
            pid: Some(20_000 + 37 * place),
            cpus: planned.cpus,
            gpus: planned.gpus,
            memory_bytes: planned.memory_bytes,
            state: WorkerState::Alive,
            memory_limit_bytes: Some(planned.memory_bytes),
            rss_bytes: Some(MIB * u64::from(150 + 331 * (place % 12))),
            threads: Some(31),
            cpus_allowed: Some("0-3".to_owned()),
            differences: Vec::new(),
        }
    };
    let name = format!("protoplast-runner-01000000-f1ee7000-{layout}");
    FleetReport { name, workers: plan.workers.iter().enumerate().map(worker).collect(), layout }
}

/// The same fleet with a worker that did not answer.
fn with(mut fleet: FleetReport, place: usize, state: WorkerState) -> FleetReport {
    let worker = fleet.workers.get_mut(place).expect("there");
    *worker = WorkerReport {
        state,
        pid: None,
        memory_limit_bytes: None,
        rss_bytes: None,
        threads: None,
        cpus_allowed: None,
        ..worker.clone()
    };
    fleet
}

fn differing(mut fleet: FleetReport, place: usize) -> FleetReport {
    let worker = fleet.workers.get_mut(place).expect("there");
    worker.differences = vec!["it may run on 4 CPUs and is to have 1".to_owned()];
    worker.rss_bytes = worker.memory_limit_bytes.map(|limit| limit + MIB);
    fleet
}

fn status(fleets: Vec<FleetReport>) -> Status {
    Status { not_in_effect: None, fleets }
}

fn two_fleets() -> Status {
    let nodes = [node("8c2e", 8, 2), node("f00d", 4, 0)];
    let cores = with(with(fleet("per-core", &nodes), 3, WorkerState::Dead), 9, WorkerState::Silent);
    let mut stock = with(fleet("per-node", &nodes), 1, WorkerState::Failed);
    for worker in &mut stock.workers {
        worker.memory_limit_bytes = None;
    }
    status(vec![differing(cores, 5), stock])
}

fn many() -> Status {
    let nodes: Vec<_> = (0..64).map(|index| node(&format!("{index:04x}"), 36, 0)).collect();
    let mut cores = differing(fleet("per-core", &nodes), 3);
    for place in (36..44).chain([80]) {
        cores = with(cores, place, WorkerState::Dead);
    }
    let gpus = [node("a", 48, 8), node("b", 48, 8)];
    let wide = with(fleet("cpus-per-worker=12,gpus=spread", &gpus), 2, WorkerState::Silent);
    status(vec![with(cores, 200, WorkerState::Silent), wide])
}

fn large() -> Status {
    status(vec![with(fleet("per-core", &[node("8c2e", 128, 8)]), 77, WorkerState::Dead)])
}

#[test]
fn pictures_are_as_they_were_looked_at() {
    expect_file!["pictures/status-two-fleets.svg"].assert_eq(&status_to_svg(&two_fleets()));
    expect_file!["pictures/status-large-node.svg"].assert_eq(&status_to_svg(&large()));
    expect_file!["pictures/status-many-nodes.svg"].assert_eq(&status_to_svg(&many()));
    let reason = Some("no query has started workers yet".to_owned());
    let none = Status { not_in_effect: reason, fleets: Vec::new() };
    expect_file!["pictures/status-empty.svg"].assert_eq(&status_to_svg(&none));
}

#[test]
fn nothing_overlaps_or_sticks_out() {
    let wide = [node("a", 100, 100), node("b", 3, 0)];
    let fleets = |layout| status(vec![fleet(layout, &wide), fleet("per-node", &wide)]);
    for status in [two_fleets(), large(), many(), fleets("per-core"), fleets("workers-per-node=7")]
    {
        assert_nothing_overlaps(&status_to_svg(&status), &TILES);
    }
}

#[test]
fn texts_of_others_are_only_text() {
    let bad = "<script>alert('&')</script>]]>\u{0}\u{202e}\"";
    let mut fleet =
        fleet("label=</title><g onclick='x'>& -> per-node; * -> per-core", &[node("a", 2, 0)]);
    fleet.name = bad.to_owned();
    for worker in &mut fleet.workers {
        worker.worker_id = bad.to_owned();
        worker.node_id = bad.to_owned();
        worker.cpus_allowed = Some(bad.to_owned());
        worker.differences = vec![bad.to_owned()];
    }
    let text = status_to_svg(&Status { not_in_effect: Some(bad.to_owned()), fleets: vec![fleet] });
    assert_only_text(&text);
    assert!(text.contains("&lt;script&gt;alert(&apos;&amp;&apos;)"), "{text}");
}

#[test]
fn a_picture_stays_within_bounds() {
    let nodes: Vec<_> = (0..1000).map(|index| node(&format!("{index:04}"), 64, 0)).collect();
    let mut all = status(vec![fleet("per-core", &nodes), fleet("per-node", &nodes)]);
    let text = status_to_svg(&all);
    assert!(text.len() < 1_000_000, "{}", text.len());
    assert!(text.contains("and 744 more nodes, not drawn"));
    assert!(text.contains("and 1000 more nodes, not drawn"));
    for worker in all.fleets.iter_mut().flat_map(|fleet| &mut fleet.workers) {
        (worker.cpus, worker.gpus) = (u32::MAX, u32::MAX);
        (worker.rss_bytes, worker.memory_limit_bytes) = (Some(u64::MAX), Some(0));
    }
    assert!(status_to_svg(&all).len() < 1_000_000);
}
