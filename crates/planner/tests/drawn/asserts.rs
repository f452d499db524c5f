//! Properties of every picture.

use roxmltree::{Document, Node};

use super::shapes::{Corners, encloses, overlap};
use super::{Block, Item, blocks, is_behind};

/// Checks that boxes lie within one another or apart, each of `tiles` in a node, that the content of a box lies
/// within it, and that nothing else overlaps.
pub fn assert_nothing_overlaps(text: &str, tiles: &[&str]) {
    let blocks = blocks(text);
    assert!(blocks.iter().any(|block| block.class == "node"));
    let read: Vec<_> = blocks.iter().filter(|block| !is_behind(block)).collect();
    for (place, block) in read.iter().enumerate() {
        for earlier in &read[..place] {
            let apart = !overlap(earlier.corners, block.corners);
            assert!(apart || encloses(earlier.corners, block.corners), "{:?}", block.corners);
        }
        let is_in_node = || ancestors(&blocks, block).any(|outer| outer.class == "node");
        assert!(!tiles.contains(&&*block.class) || is_in_node(), "{:?}", block.corners);
    }
    assert!(blocks.iter().all(|block| encloses(blocks[0].corners, block.corners)));
    for block in read {
        let all: Vec<Corners> = block.items.iter().flat_map(|item| shapes(&blocks, item)).collect();
        for (place, one) in all.iter().enumerate() {
            assert!(encloses(block.corners, *one), "{one:?} in {:?}", block.corners);
            let other = all[..place].iter().find(|other| overlap(**other, *one));
            assert!(other.is_none(), "{one:?} and {other:?}");
        }
    }
}

fn ancestors<'a>(blocks: &'a [Block], block: &'a Block) -> impl Iterator<Item = &'a Block> {
    let outer = |block: &&'a Block| block.within.map(|place| &blocks[place]);
    std::iter::successors(outer(&block), outer)
}

fn shapes(blocks: &[Block], item: &Item) -> Vec<Corners> {
    match item {
        Item::Text { corners, .. } => vec![*corners],
        Item::Units { all, .. } => all.clone(),
        Item::Block(place) if is_behind(&blocks[*place]) => vec![],
        Item::Block(place) => vec![blocks[*place].corners],
    }
}

/// Checks that everything drawn has a rule of its own in a light and in a dark page, that the rules apply to
/// this picture alone, and that the picture has a label for screen readers.
pub fn assert_well_formed(text: &str) {
    let document = Document::parse(text).expect("well-formed");
    let root = document.root_element();
    assert_eq!(root.attribute("role"), Some("img"));
    assert!(root.attribute("aria-label").is_some_and(|label| !label.is_empty()));
    let own = root.attribute("class").expect("a class");
    let style = root.children().find(|child| child.has_tag_name("style")).expect("a style");
    let style = style.text().expect("rules");
    let (light, dark) = style.split_once("@media (prefers-color-scheme:dark){").expect("dark");
    let rules = light.lines().chain(dark.lines()).filter(|line| line.len() > 1);
    assert!(rules.clone().all(|rule| rule.starts_with(&format!(".{own} "))), "{style}");
    for element in root.descendants().filter(|element| element.has_attribute("class")).skip(1) {
        let class = element.attribute("class").expect("there");
        let rule = format!("\n.{own} .{class}{{");
        assert!(light.contains(&rule), "{class}");
        // Fonts alone have no colour of their own.
        let is_coloured = ["fill:#", "stroke:#"].iter().any(|colour| {
            let body = light.split_once(&rule).and_then(|(_, rest)| rest.split_once('}'));
            body.is_some_and(|(body, _)| body.contains(colour))
        });
        assert_eq!(dark.contains(&rule), is_coloured, "{class}");
    }
}

/// Checks that a picture has no elements and attributes but its own.
pub fn assert_only_text(text: &str) {
    let document = Document::parse(text).expect("well-formed");
    let own = ["svg", "style", "rect", "path", "text", "g", "title"];
    for element in document.descendants().filter(Node::is_element) {
        assert!(own.contains(&element.tag_name().name()), "{element:?}");
        assert!(!element.attributes().any(|at| at.name().starts_with("on")), "{element:?}");
    }
}
