//! Pictures of statuses show each worker with its state, and have no overlaps.
//!
//! `UPDATE_EXPECT=1` updates the expected texts; check the new texts before you commit them.

#![allow(clippy::expect_used, clippy::indexing_slicing)]

mod drawn;

use drawn::{assert_nothing_overlaps, assert_only_text, assert_well_formed, blocks, outline};
use expect_test::expect;
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

/// A fleet whose workers have all answered, each with other figures.
fn fleet(layout: &str, nodes: &[Node]) -> FleetReport {
    let layout = layout.parse().expect("a layout");
    let plan = plan::<&str>(nodes, &layout, &[]).expect("a plan");
    let worker = |(place, planned): (usize, &protoplast_planner::Worker)| {
        let place = u32::try_from(place).expect("few");
        WorkerReport {
            pid: Some(20_000 + 37 * place),
            memory_limit_bytes: Some(planned.memory_bytes),
            rss_bytes: Some(MIB * u64::from(150 + 331 * (place % 12))),
            threads: Some(31),
            cpus_allowed: Some("0-3".to_owned()),
            ..WorkerReport::of_planned(planned, WorkerState::Alive)
        }
    };
    let name = format!("protoplast-runner-01000000-f1ee7000-{layout}");
    FleetReport {
        name,
        workers: plan.workers.iter().enumerate().map(worker).collect(),
        layout: layout.to_string(),
    }
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
fn a_fleet_has_its_nodes_and_workers_as_they_were_read() {
    expect![[r#"
        page (in effect: 2 fleets, 14 workers on 2 nodes: 11 alive, 1 silent, 1 dead, 1 failed): *in effect* | 2 fleets, 14 workers on 2 nodes: 11 alive, 1 silent, 1 dead, 1 failed | 1 cpu | CPU | 1 gpu | GPU | 1 mute | of a silent worker | 1 lost | of a dead or failed worker | 27 px used | memory in use (RSS) | 27 px idle | up to the limit | 27 px over | above it
          fleet: *per-core* | runner protoplast-runner-01000000-f1ee7000-per-core | 12 workers on 2 nodes: 10 alive, 1 silent, 1 dead; 12 CPUs, 2 GPUs, 48.0 GiB
            node: *8c2e8c2e8c2e8c2e8c2e8c2…* | 8 workers | 8 CPUs, 2 GPUs, 32.0 GiB | RSS 11.3 GiB of 28.0 GiB | 70 px used | 104 px idle
              worker (8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e_cpu_0: alive, 1 CPU, 2 GPUs, 4.0 GiB, pid 20000, RSS 150.0 MiB, limit 4.0 GiB, 31 threads, on CPUs 0-3): cpu_0 | 1 cpu | 2 gpu | 1 CPU | 2 GPUs | 3 px used | 85 px idle | 150.0 MiB | of 4.0 GiB | pid 20000
              worker (8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e_cpu_1: alive, 1 CPU, 4.0 GiB, pid 20037, RSS 481.0 MiB, limit 4.0 GiB, 31 threads, on CPUs 0-3): cpu_1 | 1 cpu | 1 CPU | 10 px used | 78 px idle | 481.0 MiB | of 4.0 GiB | pid 20037
              worker (8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e_cpu_2: alive, 1 CPU, 4.0 GiB, pid 20074, RSS 812.0 MiB, limit 4.0 GiB, 31 threads, on CPUs 0-3): cpu_2 | 1 cpu | 1 CPU | 17 px used | 71 px idle | 812.0 MiB | of 4.0 GiB | pid 20074
              dead (8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e_cpu_3: dead, 1 CPU, 4.0 GiB): cpu_3 | 1 lost | 1 CPU | 4.0 GiB | *dead*
              worker (8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e_cpu_4: alive, 1 CPU, 4.0 GiB, pid 20148, RSS 1.4 GiB, limit 4.0 GiB, 31 threads, on CPUs 0-3): cpu_4 | 1 cpu | 1 CPU | 32 px used | 56 px idle | 1.4 GiB | of 4.0 GiB | pid 20148
              worker (8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e_cpu_5: alive, 1 CPU, 4.0 GiB, pid 20185, RSS 4.0 GiB, limit 4.0 GiB, 31 threads, on CPUs 0-3, it may run on 4 CPUs and is to have 1): cpu_5 | 1 cpu | 1 CPU | 88 px over | 4.0 GiB | of 4.0 GiB | pid 20185 | *differs*
              worker (8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e_cpu_6: alive, 1 CPU, 4.0 GiB, pid 20222, RSS 2.1 GiB, limit 4.0 GiB, 31 threads, on CPUs 0-3): cpu_6 | 1 cpu | 1 CPU | 46 px used | 42 px idle | 2.1 GiB | of 4.0 GiB | pid 20222
              worker (8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e_cpu_7: alive, 1 CPU, 4.0 GiB, pid 20259, RSS 2.4 GiB, limit 4.0 GiB, 31 threads, on CPUs 0-3): cpu_7 | 1 cpu | 1 CPU | 53 px used | 35 px idle | 2.4 GiB | of 4.0 GiB | pid 20259
            node: *f00df00df00df00df00df00…* | 4 workers | 4 CPUs, 16.0 GiB | RSS 9.8 GiB of 12.0 GiB | 142 px used | 32 px idle
              worker (f00df00df00df00df00df00df00df00df00df00df00df00df00df00d_cpu_0: alive, 1 CPU, 4.0 GiB, pid 20296, RSS 2.7 GiB, limit 4.0 GiB, 31 threads, on CPUs 0-3): cpu_0 | 1 cpu | 1 CPU | 60 px used | 28 px idle | 2.7 GiB | of 4.0 GiB | pid 20296
              silent (f00df00df00df00df00df00df00df00df00df00df00df00df00df00d_cpu_1: silent, 1 CPU, 4.0 GiB): cpu_1 | 1 mute | 1 CPU | 4.0 GiB | *silent*
              worker (f00df00df00df00df00df00df00df00df00df00df00df00df00df00d_cpu_2: alive, 1 CPU, 4.0 GiB, pid 20370, RSS 3.4 GiB, limit 4.0 GiB, 31 threads, on CPUs 0-3): cpu_2 | 1 cpu | 1 CPU | 74 px used | 14 px idle | 3.4 GiB | of 4.0 GiB | pid 20370
              worker (f00df00df00df00df00df00df00df00df00df00df00df00df00df00d_cpu_3: alive, 1 CPU, 4.0 GiB, pid 20407, RSS 3.7 GiB, limit 4.0 GiB, 31 threads, on CPUs 0-3): cpu_3 | 1 cpu | 1 CPU | 81 px used | 7 px idle | 3.7 GiB | of 4.0 GiB | pid 20407
          fleet: *per-node* | runner protoplast-runner-01000000-f1ee7000-per-node | 2 workers on 2 nodes: 1 alive, 1 failed; 12 CPUs, 2 GPUs, 48.0 GiB
            node: *8c2e8c2e8c2e8c2e8c2e8c2…* | 1 worker | 8 CPUs, 2 GPUs, 32.0 GiB | RSS 150.0 MiB of 32.0 GiB | 1 px used | 173 px idle
              worker (8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e8c2e: alive, 8 CPUs, 2 GPUs, 32.0 GiB, pid 20000, RSS 150.0 MiB, 31 threads, on CPUs 0-3): whole node | 8 cpu | 2 gpu | 8 CPUs | 2 GPUs | 88 px idle | 150.0 MiB | of 32.0 GiB | pid 20000
            node: *f00df00df00df00df00df00…* | 1 worker | 4 CPUs, 16.0 GiB
              dead (f00df00df00df00df00df00df00df00df00df00df00df00df00df00d: failed, 4 CPUs, 16.0 GiB): whole node | 4 lost | 4 CPUs | 16.0 GiB | *failed*
    "#]].assert_eq(&outline(&status_to_svg(&two_fleets())));
}

#[test]
fn without_a_fleet_the_reason_is_shown() {
    let reason = Some("no query has started workers yet".to_owned());
    let none = Status { not_in_effect: reason, fleets: Vec::new() };
    expect![[r#"
        page (not in effect: no query has started workers yet: 0 fleets, 0 workers): *not in effect: no query has started workers yet* | 0 fleets, 0 workers | 1 cpu | CPU | 1 gpu | GPU | 1 mute | of a silent worker | 1 lost | of a dead or failed worker | 27 px used | memory in use (RSS) | 27 px idle | up to the limit | 27 px over | above it
    "#]].assert_eq(&outline(&status_to_svg(&none)));
}

#[test]
fn the_workers_of_a_large_node_are_drawn_one_by_one() {
    let status = large();
    let blocks = blocks(&status_to_svg(&status));
    let tiles: Vec<_> = blocks.iter().filter(|block| TILES.contains(&&*block.class)).collect();
    let workers = &status.fleets[0].workers;
    assert_eq!(tiles.len(), workers.len());
    for (place, (tile, worker)) in tiles.iter().zip(workers).enumerate() {
        let (class, last) = match worker.pid {
            Some(pid) => ("worker", format!("pid {pid}")),
            None => ("dead", "*dead*".to_owned()),
        };
        assert_eq!(tile.class, class);
        let words = tile.words();
        assert_eq!((&words[0], words.last()), (&format!("cpu_{place}"), Some(&last)));
        let id = worker.worker_id.as_deref().expect("planned");
        assert!(tile.hint.as_ref().is_some_and(|hint| hint.starts_with(id)));
    }
    let [_, _, width, _] = blocks[0].corners;
    assert!((1200..1400).contains(&width), "{width}");
}

#[test]
fn the_workers_of_many_nodes_are_squares_and_troubles_are_named() {
    let status = many();
    let blocks = blocks(&status_to_svg(&status));
    let fleets: Vec<_> = blocks.iter().filter(|block| block.class == "fleet").collect();
    assert_eq!(fleets.len(), status.fleets.len());
    assert_eq!(
        fleets[0].words()[2],
        "2304 workers on 64 nodes: 2294 alive, 1 silent, 9 dead; 2304 CPUs, 9.0 TiB"
    );
    let nodes: Vec<_> = blocks.iter().filter(|block| block.class == "node").collect();
    let workers = status.fleets.iter().flat_map(|fleet| &fleet.workers).collect::<Vec<_>>();
    let of_nodes: Vec<_> = workers.chunk_by(|one, other| one.node_id == other.node_id).collect();
    assert_eq!(nodes.len(), of_nodes.len());
    for (node, workers) in nodes.iter().zip(of_nodes) {
        let words = node.words();
        assert_eq!(node.hint.as_ref(), workers[0].node_id.as_ref());
        assert_eq!(words[1], format!("{} workers", workers.len()));
        let units = |state| {
            let workers = workers.iter().filter(|worker| worker.state == state);
            workers.fold((0, 0), |(cpus, gpus), one| {
                (cpus + one.cpus.unwrap_or(0), gpus + one.gpus.unwrap_or(0))
            })
        };
        let drawn = |class: &str| {
            let count = |word: &String| word.strip_suffix(class)?.trim_end().parse::<u32>().ok();
            words.iter().filter_map(count).sum()
        };
        assert_eq!((drawn("cpu"), drawn("gpu")), units(WorkerState::Alive));
        for (class, state) in [("mute", WorkerState::Silent), ("lost", WorkerState::Dead)] {
            let (cpus, gpus) = units(state);
            assert_eq!(drawn(class), cpus + gpus);
        }
        let mut troubles: Vec<_> = workers.iter().filter_map(|worker| trouble(worker)).collect();
        if troubles.len() > 4 {
            let more = troubles.split_off(4).len();
            troubles.push(format!("and {more} more"));
        }
        assert!(words.ends_with(&troubles), "{words:?} {troubles:?}");
        assert_eq!(
            words.iter().filter(|word| word.starts_with('*')).count(),
            1 + troubles.len().min(4)
        );
    }
}

/// How a node shows a worker with a problem.
fn trouble(worker: &WorkerReport) -> Option<String> {
    let what = match worker.state {
        WorkerState::Alive if worker.differences.is_empty() => return None,
        WorkerState::Alive => "differs",
        WorkerState::Starting | WorkerState::Silent => "silent",
        WorkerState::Dead | WorkerState::Failed => "dead",
    };
    let (_, cpu) = worker.worker_id.as_ref()?.rsplit_once('_')?;
    Some(format!("*cpu_{cpu} {what}*"))
}

#[test]
fn nothing_overlaps_or_sticks_out() {
    let wide = [node("a", 100, 100), node("b", 3, 0)];
    let fleets = |layout| status(vec![fleet(layout, &wide), fleet("per-node", &wide)]);
    for status in [two_fleets(), large(), many(), fleets("per-core"), fleets("workers-per-node=7")]
    {
        let text = status_to_svg(&status);
        assert_nothing_overlaps(&text, &TILES);
        assert_well_formed(&text);
    }
}

#[test]
fn foreign_texts_are_only_text() {
    let bad = "<script>alert('&')</script>]]>\u{0}\u{202e}\"";
    let mut fleet =
        fleet("label=</title><g onclick='x'>& -> per-node; * -> per-core", &[node("a", 2, 0)]);
    fleet.name = bad.to_owned();
    for worker in &mut fleet.workers {
        worker.worker_id = Some(bad.to_owned());
        worker.node_id = Some(bad.to_owned());
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
        (worker.cpus, worker.gpus) = (Some(u32::MAX), Some(u32::MAX));
        (worker.rss_bytes, worker.memory_limit_bytes) = (Some(u64::MAX), Some(0));
    }
    assert!(status_to_svg(&all).len() < 1_000_000);
}
