//! Pictures of plans: as they were when they were last looked at, well-formed, and without overlap.
//!
//! `UPDATE_EXPECT=1` writes the files anew; look at them before they are kept.

#![allow(clippy::expect_used)]

mod drawn;

use drawn::{assert_nothing_overlaps, assert_only_text};
use expect_test::expect_file;
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

/// A node whose CPUs and memory are split evenly between `count` NUMA nodes.
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
fn pictures_are_as_they_were_looked_at() {
    let eight = [node("node-0", 8, 2, 32)];
    expect_file!["pictures/per-core.svg"].assert_eq(&picture("per-core", &eight));
    let numa = [with_numa("a", 64, 4, 256, 2), with_numa("b", 64, 0, 256, 8)];
    expect_file!["pictures/per-numa.svg"].assert_eq(&picture("per-numa", &numa));
    let rules = "resource=GPU -> per-gpu; id=l0 -> cpus-per-worker=32,max-workers=2,memory=0.8; \
                 * -> per-node";
    expect_file!["pictures/mixed.svg"].assert_eq(&picture(rules, &mixed()));
    expect_file!["pictures/folded.svg"].assert_eq(&picture("per-core", &mixed()));
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
        assert_nothing_overlaps(&picture(layout, nodes), &["worker"]);
    }
}

#[test]
fn texts_of_others_are_only_text() {
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
