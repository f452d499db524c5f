//! Pictures of plans show each node and worker with its resources, are well-formed, and have no overlaps.
//!
//! `UPDATE_EXPECT=1` updates the expected texts; check the new texts before you commit them.

#![allow(clippy::expect_used)]

mod drawn;

use drawn::{assert_nothing_overlaps, assert_only_text, assert_well_formed, outline};
use expect_test::{expect, expect_file};
use protoplast_planner::{Node, NodeRecord, Numa, plan, to_svg};

const GIB: u64 = 1 << 30;

fn record(id: &str, cpus: u32, gpus: u32, gib: u64) -> NodeRecord {
    NodeRecord::new(id, cpus.into(), gpus.into(), (gib * GIB) as f64)
}

fn valid(record: NodeRecord) -> Node {
    record.try_into().expect("valid")
}

fn node(id: &str, cpus: u32, gpus: u32, gib: u64) -> Node {
    valid(record(id, cpus, gpus, gib))
}

/// A node whose CPUs and memory are split evenly among `count` NUMA nodes.
fn with_numa(id: &str, cpus: u32, gpus: u32, gib: u64, count: u32) -> Node {
    let one = |id| Numa { id, cpus: cpus / count, memory_bytes: gib * GIB / u64::from(count) };
    valid(NodeRecord { numa: (0..count).map(one).collect(), ..record(id, cpus, gpus, gib) })
}

fn mixed() -> Vec<Node> {
    let many = |name: char, count: u32, cpus, gpus, gib| {
        (0..count).map(move |index| node(&format!("{name}{index}"), cpus, gpus, gib))
    };
    let mut nodes: Vec<_> = many('s', 24, 4, 0, 16).chain(many('m', 20, 16, 0, 64)).collect();
    nodes.extend((0..12).map(|index| with_numa(&format!("g{index}"), 48, 8, 384, 2)));
    nodes.extend(many('l', 6, 256, 0, 1024));
    let address = Some("10.0.0.1".to_owned());
    nodes.push(valid(NodeRecord { address, ..record("odd", 7, 1, 30) }));
    nodes.push(valid(NodeRecord { alive: false, ..record("gone", 0, 0, 0) }));
    nodes
}

fn picture(layout: &str, nodes: &[Node]) -> String {
    let plan = plan::<&str>(nodes, &layout.parse().expect(layout), &[]).expect("plan");
    to_svg(&plan, nodes)
}

#[test]
fn a_node_has_its_workers_with_their_shares() {
    let eight = [node("node-0", 8, 2, 32)];
    expect![[r#"
        page (per-core: 8 workers on 1 node): *per-core* | 8 workers on 1 node | in all workers together: 8 CPUs, 2 GPUs, 32.0 GiB | 1 cpu | CPU | 1 gpu | GPU | 1 idle | of no worker
          node (node-0): *node-0* | 8 CPUs, 2 GPUs, 32.0 GiB | 8 workers
            worker (node-0_cpu_0: 1 CPU, 2 GPUs, 4.0 GiB, 1 thread): cpu_0 | 1 cpu | 2 gpu | 1 CPU | 2 GPUs | 4.0 GiB
            worker (node-0_cpu_1: 1 CPU, 4.0 GiB, 1 thread): cpu_1 | 1 cpu | 1 CPU | 4.0 GiB
            worker (node-0_cpu_2: 1 CPU, 4.0 GiB, 1 thread): cpu_2 | 1 cpu | 1 CPU | 4.0 GiB
            worker (node-0_cpu_3: 1 CPU, 4.0 GiB, 1 thread): cpu_3 | 1 cpu | 1 CPU | 4.0 GiB
            worker (node-0_cpu_4: 1 CPU, 4.0 GiB, 1 thread): cpu_4 | 1 cpu | 1 CPU | 4.0 GiB
            worker (node-0_cpu_5: 1 CPU, 4.0 GiB, 1 thread): cpu_5 | 1 cpu | 1 CPU | 4.0 GiB
            worker (node-0_cpu_6: 1 CPU, 4.0 GiB, 1 thread): cpu_6 | 1 cpu | 1 CPU | 4.0 GiB
            worker (node-0_cpu_7: 1 CPU, 4.0 GiB, 1 thread): cpu_7 | 1 cpu | 1 CPU | 4.0 GiB
    "#]].assert_eq(&outline(&picture("per-core", &eight)));
}

#[test]
fn workers_lie_in_their_numa_nodes() {
    let numa = [with_numa("a", 64, 4, 256, 2), with_numa("b", 64, 0, 256, 8)];
    expect![[r#"
        page (per-numa: 10 workers on 2 nodes): *per-numa* | 10 workers on 2 nodes | in all workers together: 128 CPUs, 4 GPUs, 512.0 GiB | 1 cpu | CPU | 1 gpu | GPU | 1 idle | of no worker
          node (a): *a* | 64 CPUs, 4 GPUs, 256.0 GiB | 2 workers
            numa: NUMA node 0 | 32 CPUs, 128.0 GiB
              worker (a_cpu_0: 32 CPUs, 4 GPUs, 128.0 GiB, 32 threads): cpu_0 | 32 cpu | 4 gpu | 32 CPUs | 4 GPUs | 128.0 GiB
            numa: NUMA node 1 | 32 CPUs, 128.0 GiB
              worker (a_cpu_32: 32 CPUs, 128.0 GiB, 32 threads): cpu_32 | 32 cpu | 32 CPUs | 128.0 GiB
          node (b): *b* | 64 CPUs, 256.0 GiB | 8 workers
            numa: NUMA node 0 | 8 CPUs, 32.0 GiB
              worker (b_cpu_0: 8 CPUs, 32.0 GiB, 8 threads): cpu_0 | 8 cpu | 8 CPUs | 32.0 GiB
            numa: NUMA node 1 | 8 CPUs, 32.0 GiB
              worker (b_cpu_8: 8 CPUs, 32.0 GiB, 8 threads): cpu_8 | 8 cpu | 8 CPUs | 32.0 GiB
            numa: NUMA node 2 | 8 CPUs, 32.0 GiB
              worker (b_cpu_16: 8 CPUs, 32.0 GiB, 8 threads): cpu_16 | 8 cpu | 8 CPUs | 32.0 GiB
            numa: NUMA node 3 | 8 CPUs, 32.0 GiB
              worker (b_cpu_24: 8 CPUs, 32.0 GiB, 8 threads): cpu_24 | 8 cpu | 8 CPUs | 32.0 GiB
            numa: NUMA node 4 | 8 CPUs, 32.0 GiB
              worker (b_cpu_32: 8 CPUs, 32.0 GiB, 8 threads): cpu_32 | 8 cpu | 8 CPUs | 32.0 GiB
            numa: NUMA node 5 | 8 CPUs, 32.0 GiB
              worker (b_cpu_40: 8 CPUs, 32.0 GiB, 8 threads): cpu_40 | 8 cpu | 8 CPUs | 32.0 GiB
            numa: NUMA node 6 | 8 CPUs, 32.0 GiB
              worker (b_cpu_48: 8 CPUs, 32.0 GiB, 8 threads): cpu_48 | 8 cpu | 8 CPUs | 32.0 GiB
            numa: NUMA node 7 | 8 CPUs, 32.0 GiB
              worker (b_cpu_56: 8 CPUs, 32.0 GiB, 8 threads): cpu_56 | 8 cpu | 8 CPUs | 32.0 GiB
    "#]].assert_eq(&outline(&picture("per-numa", &numa)));
}

#[test]
fn nodes_that_look_the_same_are_a_pile_with_its_layout() {
    let rules = "resource=GPU -> per-gpu; id=l0 -> cpus-per-worker=32,max-workers=2,memory=0.8; \
                 * -> per-node";
    expect![[r#"
        page (resource=GPU -> per-gpu; id=l0 -> cpus-per-worker=32,max-workers=2,memory=0.8; * -> per-node: 148 workers on 64 nodes): *resource=GPU -> per-gpu; id=l0 -> cpus-per-worker=32,max-workers=2,memory=0.8; * -> per-node* | 148 workers on 64 nodes | in all workers together: 2343 CPUs, 97 GPUs, 12.0 TiB | 1 cpu | CPU | 1 gpu | GPU | 1 idle | of no worker
          3 x node (s0, s1, s2, s3, s4, s5, s6, s7, and 16 more): *24 nodes, each* | 4 CPUs, 16.0 GiB | 1 worker, per-node
            worker (s0: 4 CPUs, 16.0 GiB, 4 threads): whole node | 4 cpu | 4 CPUs | 16.0 GiB
          3 x node (m0, m1, m2, m3, m4, m5, m6, m7, and 12 more): *20 nodes, each* | 16 CPUs, 64.0 GiB | 1 worker, per-node
            worker (m0: 16 CPUs, 64.0 GiB, 16 threads): whole node | 16 cpu | 16 CPUs | 64.0 GiB
          3 x node (g0, g1, g2, g3, g4, g5, g6, g7, and 4 more): *12 nodes, each* | 48 CPUs, 8 GPUs, 384.0 GiB | 8 workers, per-gpu
            numa: NUMA node 0 | 24 CPUs, 192.0 GiB
            numa: NUMA node 1 | 24 CPUs, 192.0 GiB
            worker (g0_cpu_0: 6 CPUs, 1 GPU, 48.0 GiB, 6 threads): cpu_0 | 6 cpu | 1 gpu | 6 CPUs | 1 GPU | 48.0 GiB
            worker (g0_cpu_6: 6 CPUs, 1 GPU, 48.0 GiB, 6 threads): cpu_6 | 6 cpu | 1 gpu | 6 CPUs | 1 GPU | 48.0 GiB
            worker (g0_cpu_12: 6 CPUs, 1 GPU, 48.0 GiB, 6 threads): cpu_12 | 6 cpu | 1 gpu | 6 CPUs | 1 GPU | 48.0 GiB
            worker (g0_cpu_18: 6 CPUs, 1 GPU, 48.0 GiB, 6 threads): cpu_18 | 6 cpu | 1 gpu | 6 CPUs | 1 GPU | 48.0 GiB
            worker (g0_cpu_24: 6 CPUs, 1 GPU, 48.0 GiB, 6 threads): cpu_24 | 6 cpu | 1 gpu | 6 CPUs | 1 GPU | 48.0 GiB
            worker (g0_cpu_30: 6 CPUs, 1 GPU, 48.0 GiB, 6 threads): cpu_30 | 6 cpu | 1 gpu | 6 CPUs | 1 GPU | 48.0 GiB
            worker (g0_cpu_36: 6 CPUs, 1 GPU, 48.0 GiB, 6 threads): cpu_36 | 6 cpu | 1 gpu | 6 CPUs | 1 GPU | 48.0 GiB
            worker (g0_cpu_42: 6 CPUs, 1 GPU, 48.0 GiB, 6 threads): cpu_42 | 6 cpu | 1 gpu | 6 CPUs | 1 GPU | 48.0 GiB
          node (l0): *l0* | 256 CPUs, 1.0 TiB | 2 workers, cpus-per-worker=32,max-workers=2,memory=0.8
            worker (l0_cpu_0: 32 CPUs, 409.6 GiB, 32 threads): cpu_0 | 32 cpu | 32 CPUs | 409.6 GiB
            worker (l0_cpu_32: 32 CPUs, 409.6 GiB, 32 threads): cpu_32 | 32 cpu | 32 CPUs | 409.6 GiB
            free: no worker | 192 idle | 192 CPUs | 204.8 GiB
          3 x node (l1, l2, l3, l4, l5): *5 nodes, each* | 256 CPUs, 1.0 TiB | 1 worker, per-node
            worker (l1: 256 CPUs, 1.0 TiB, 256 threads): whole node | 256 cpu | 256 CPUs | 1.0 TiB
          node (odd): *odd, 10.0.0.1* | 7 CPUs, 1 GPU, 30.0 GiB | 1 worker, per-gpu
            worker (odd_cpu_0: 7 CPUs, 1 GPU, 30.0 GiB, 7 threads): cpu_0 | 7 cpu | 1 gpu | 7 CPUs | 1 GPU | 30.0 GiB
          free (gone): *gone* | 0 CPUs, 0 B | dead
    "#]].assert_eq(&outline(&picture(rules, &mixed())));
}

#[test]
fn many_workers_that_look_the_same_are_one_box() {
    expect![[r#"
        page (per-core: 2535 workers on 64 nodes): *per-core* | 2535 workers on 64 nodes | in all workers together: 2535 CPUs, 97 GPUs, 12.2 TiB | 1 cpu | CPU | 1 gpu | GPU | 1 idle | of no worker
          3 x node (s0, s1, s2, s3, s4, s5, s6, s7, and 16 more): *24 nodes, each* | 4 CPUs, 16.0 GiB | 4 workers
            worker (s0_cpu_0: 1 CPU, 4.0 GiB, 1 thread): cpu_0 … cpu_3 | 1 cpu | *4 x 1 CPU* | 4.0 GiB
          3 x node (m0, m1, m2, m3, m4, m5, m6, m7, and 12 more): *20 nodes, each* | 16 CPUs, 64.0 GiB | 16 workers
            worker (m0_cpu_0: 1 CPU, 4.0 GiB, 1 thread): cpu_0 … cpu_15 | 1 cpu | *16 x 1 CPU* | 4.0 GiB
          3 x node (g0, g1, g2, g3, g4, g5, g6, g7, and 4 more): *12 nodes, each* | 48 CPUs, 8 GPUs, 384.0 GiB | 48 workers
            numa: NUMA node 0 | 24 CPUs, 192.0 GiB
            numa: NUMA node 1 | 24 CPUs, 192.0 GiB
            worker (g0_cpu_0: 1 CPU, 8 GPUs, 8.0 GiB, 1 thread): cpu_0 | 1 cpu | 8 gpu | 1 CPU | 8 GPUs | 8.0 GiB
            worker (g0_cpu_1: 1 CPU, 8.0 GiB, 1 thread): cpu_1 … cpu_47 | 1 cpu | *47 x 1 CPU* | 8.0 GiB
          3 x node (l0, l1, l2, l3, l4, l5): *6 nodes, each* | 256 CPUs, 1.0 TiB | 256 workers
            worker (l0_cpu_0: 1 CPU, 4.0 GiB, 1 thread): cpu_0 … cpu_255 | 1 cpu | *256 x 1 CPU* | 4.0 GiB
          node (odd): *odd, 10.0.0.1* | 7 CPUs, 1 GPU, 30.0 GiB | 7 workers
            worker (odd_cpu_0: 1 CPU, 1 GPU, 4.3 GiB, 1 thread): cpu_0 | 1 cpu | 1 gpu | 1 CPU | 1 GPU | 4.3 GiB
            worker (odd_cpu_1: 1 CPU, 4.3 GiB, 1 thread): cpu_1 … cpu_6 | 1 cpu | *6 x 1 CPU* | 4.3 GiB
          free (gone): *gone* | 0 CPUs, 0 B | dead
    "#]].assert_eq(&outline(&picture("per-core", &mixed())));
}

#[test]
fn a_page_is_as_expected() {
    expect_file!["pictures/empty.svg"].assert_eq(&picture("per-core", &[]));
}

#[test]
fn nothing_overlaps_or_sticks_out() {
    let large = [with_numa(&"f".repeat(56), 128, 8, 512, 2)];
    let cases: [(&str, &[Node]); 6] = [
        ("per-core", &large),
        ("per-numa", &large),
        ("cpus-per-worker=12,max-workers=7,gpus=spread", &large),
        ("per-core", &mixed()),
        ("per-node", &mixed()),
        ("workers-per-node=3,memory=0.5", &mixed()),
    ];
    for (layout, nodes) in cases {
        let text = picture(layout, nodes);
        assert_nothing_overlaps(&text, &["worker"]);
        assert_well_formed(&text);
    }
}

#[test]
fn foreign_texts_are_only_text() {
    let id = "<script>alert('&')</script>]]>\u{0}\u{202e}\"";
    let nodes = [valid(NodeRecord {
        address: Some("\"/><rect/>".to_owned()),
        labels: [("a".to_owned(), "b".to_owned())].into(),
        ..record(id, 2, 0, 4)
    })];
    for layout in ["per-core", "label=</title><g onclick='x'>& -> per-node; * -> per-core"] {
        let text = picture(layout, &nodes);
        assert_only_text(&text);
        assert!(text.contains("&lt;script&gt;alert(&apos;&amp;&apos;)"), "{text}");
    }
}

#[test]
fn a_picture_stays_within_bounds() {
    let nodes: Vec<_> = (0..1000)
        .map(|index| node(&format!("{index}"), 64, 0, 64 + index))
        .chain([node("wide", 65_536, 65_536, 1 << 20)])
        .collect();
    let text = picture("per-core", &nodes);
    assert!(text.len() < 1_000_000, "{}", text.len());
    assert!(text.contains("and 745 more nodes, not drawn"));
    assert_eq!(text, picture("per-core", &nodes));
}
