//! What every picture has to be.

#![allow(clippy::expect_used, clippy::indexing_slicing)]

use roxmltree::{Document, Node};

/// Left, top, right and bottom of a box.
type Corners = [u32; 4];

/// Sees that a picture is well-formed, that its boxes and texts lie within the page, that each tile lies
/// within one node and within a NUMA node or beside all, and that no two overlap.
pub fn assert_nothing_overlaps(text: &str, tiles: &[&str]) {
    let document = Document::parse(text).expect("well-formed");
    let page = boxes(&document, &["page"])[0];
    let workers = boxes(&document, tiles);
    let [nodes, numa, fleets] = ["node", "numa", "fleet"].map(|class| boxes(&document, &[class]));
    assert!(!nodes.is_empty());
    for (place, worker) in workers.iter().enumerate() {
        assert!(nodes.iter().any(|node| lie_within(*worker, *node)), "{worker:?}");
        assert!(!workers[..place].iter().any(|other| overlap(*other, *worker)), "{worker:?}");
        let meets = numa.iter().filter(|numa| overlap(**numa, *worker));
        assert!(meets.clone().count() <= 1 && meets.clone().all(|numa| lie_within(*worker, *numa)));
    }
    assert!(nodes.iter().chain(&fleets).all(|node| lie_within(*node, page)));
    for (place, fleet) in fleets.iter().enumerate() {
        assert!(!fleets[..place].iter().any(|other| overlap(*other, *fleet)), "{fleet:?}");
    }
    for text in document.descendants().filter(|element| element.has_tag_name("text")) {
        let letters = text.text().unwrap_or_default().chars().count() as u32;
        let end = number(text, "x") + letters * 6;
        assert!(end <= page[2] && number(text, "y") <= page[3], "{text:?}");
    }
}

/// Sees that a picture has no elements and attributes but its own.
pub fn assert_only_text(text: &str) {
    let document = Document::parse(text).expect("well-formed");
    let own = ["svg", "style", "rect", "path", "text", "g", "title"];
    for element in document.descendants().filter(Node::is_element) {
        assert!(own.contains(&element.tag_name().name()), "{element:?}");
        assert!(!element.attributes().any(|at| at.name().starts_with("on")), "{element:?}");
    }
}

fn number(element: Node<'_, '_>, name: &str) -> u32 {
    element.attribute(name).and_then(|value| value.parse().ok()).unwrap_or(0)
}

fn boxes(document: &Document<'_>, classes: &[&str]) -> Vec<Corners> {
    let of_class = |element: &Node<'_, '_>| {
        let class = element.attribute("class");
        element.has_tag_name("rect") && class.is_some_and(|class| classes.contains(&class))
    };
    let corners = |element| {
        let (x, y) = (number(element, "x"), number(element, "y"));
        [x, y, x + number(element, "width"), y + number(element, "height")]
    };
    document.descendants().filter(of_class).map(corners).collect()
}

fn lie_within(inner: Corners, outer: Corners) -> bool {
    inner[0] >= outer[0] && inner[1] >= outer[1] && inner[2] <= outer[2] && inner[3] <= outer[3]
}

fn overlap(one: Corners, other: Corners) -> bool {
    one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3]
}
