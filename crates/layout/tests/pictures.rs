//! Pictures of plans: as they were when they were last looked at, well-formed, and without overlap.
//!
//! `UPDATE_EXPECT=1` writes the files anew; look at them before they are kept.

#![allow(clippy::expect_used, clippy::indexing_slicing)]

use expect_test::expect_file;
use protoplast_layout::{Node, Numa, plan, to_svg};
use roxmltree::Document;

const GIB: u64 = 1 << 30;

fn node(id: &str, cpus: u32, gpus: u32, gib: u64) -> Node {
    Node::new(id, true, false, cpus.into(), gpus.into(), (gib * GIB) as f64).expect("valid")
}

/// The same node with its CPUs and memory split evenly between `count` NUMA nodes.
fn with_numa(node: Node, count: u32) -> Node {
    let (cpus, memory_bytes) = (node.cpus() / count, node.memory_bytes() / u64::from(count));
    node.with_numa((0..count).map(|id| Numa { id, cpus, memory_bytes }))
}

fn mixed() -> Vec<Node> {
    let many = |name: char, count: u32, cpus, gpus, gib| {
        (0..count).map(move |index| node(&format!("{name}{index}"), cpus, gpus, gib))
    };
    let mut nodes: Vec<_> = many('s', 24, 4, 0, 16).chain(many('m', 20, 16, 0, 64)).collect();
    nodes.extend(many('g', 12, 48, 8, 384).map(|node| with_numa(node, 2)));
    nodes.extend(many('l', 6, 256, 0, 1024));
    nodes.push(node("odd", 7, 1, 30).with_address("10.0.0.1"));
    nodes.push(Node::new("gone", false, false, 0.0, 0.0, 0.0).expect("valid"));
    nodes
}

fn picture(layout: &str, nodes: &[Node]) -> String {
    let plan = plan::<&str>(nodes, &layout.parse().expect(layout), &[]).expect("plan");
    to_svg(&plan, nodes)
}

fn number(element: roxmltree::Node<'_, '_>, name: &str) -> u32 {
    element.attribute(name).and_then(|value| value.parse().ok()).unwrap_or(0)
}

/// Left, top, right and bottom of the boxes of a class.
fn boxes(document: &Document<'_>, class: &str) -> Vec<[u32; 4]> {
    let of_class = |element: &roxmltree::Node<'_, '_>| {
        element.has_tag_name("rect") && element.attribute("class") == Some(class)
    };
    let corners = |element| {
        let (x, y) = (number(element, "x"), number(element, "y"));
        [x, y, x + number(element, "width"), y + number(element, "height")]
    };
    document.descendants().filter(of_class).map(corners).collect()
}

fn lie_within(inner: [u32; 4], outer: [u32; 4]) -> bool {
    inner[0] >= outer[0] && inner[1] >= outer[1] && inner[2] <= outer[2] && inner[3] <= outer[3]
}

fn overlap(one: [u32; 4], other: [u32; 4]) -> bool {
    one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3]
}

#[test]
fn pictures_are_as_they_were_looked_at() {
    let eight = [node("node-0", 8, 2, 32)];
    expect_file!["pictures/per-core.svg"].assert_eq(&picture("per-core", &eight));
    let numa = [with_numa(node("a", 64, 4, 256), 2), with_numa(node("b", 64, 0, 256), 8)];
    expect_file!["pictures/per-numa.svg"].assert_eq(&picture("per-numa", &numa));
    let rules = "resource=GPU -> per-gpu; id=l0 -> cpus-per-worker=32,max-workers=2,memory=0.8; \
                 * -> per-node";
    expect_file!["pictures/mixed.svg"].assert_eq(&picture(rules, &mixed()));
    expect_file!["pictures/folded.svg"].assert_eq(&picture("per-core", &mixed()));
    expect_file!["pictures/empty.svg"].assert_eq(&picture("per-core", &[]));
}

#[test]
fn nothing_overlaps_or_sticks_out() {
    let large = [with_numa(node(&"f".repeat(56), 128, 8, 512), 2)];
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
        let document = Document::parse(&text).expect("well-formed");
        let page = boxes(&document, "page")[0];
        let workers = boxes(&document, "worker");
        let (nodes, numa) = (boxes(&document, "node"), boxes(&document, "numa"));
        assert!(!workers.is_empty(), "{layout}");
        for (place, worker) in workers.iter().enumerate() {
            assert!(nodes.iter().any(|node| lie_within(*worker, *node)), "{layout}: {worker:?}");
            assert!(!workers[..place].iter().any(|other| overlap(*other, *worker)), "{layout}");
            let meets = numa.iter().filter(|numa| overlap(**numa, *worker));
            assert!(
                meets.clone().count() <= 1 && meets.clone().all(|numa| lie_within(*worker, *numa))
            );
        }
        assert!(nodes.iter().all(|node| lie_within(*node, page)), "{layout}");
        for text in document.descendants().filter(|element| element.has_tag_name("text")) {
            let letters = text.text().unwrap_or_default().chars().count() as u32;
            let end = number(text, "x") + letters * 6;
            assert!(end <= page[2] && number(text, "y") <= page[3], "{layout}: {text:?}");
        }
    }
}

#[test]
fn texts_of_others_are_only_text() {
    let id = "<script>alert('&')</script>]]>\u{0}\u{202e}\"";
    let nodes = [node(id, 2, 0, 4).with_address("\"/><rect/>").with_labels([("a", "b")])];
    for layout in ["per-core", "label=</title><g onclick='x'>& -> per-node; * -> per-core"] {
        let text = picture(layout, &nodes);
        let document = Document::parse(&text).expect("well-formed");
        let names: Vec<_> = document
            .descendants()
            .filter(roxmltree::Node::is_element)
            .map(|element| element.tag_name().name())
            .filter(|name| !["svg", "style", "rect", "path", "text", "g", "title"].contains(name))
            .collect();
        assert_eq!(names, [""; 0]);
        let of_workers: Vec<_> = document
            .descendants()
            .filter(|element| element.attributes().any(|at| at.name().starts_with("on")))
            .collect();
        assert!(of_workers.is_empty());
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
