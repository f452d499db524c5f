//! A picture as a reader sees it: boxes in boxes, with texts, squares and bars in them.

#![allow(clippy::expect_used, clippy::indexing_slicing)]

mod asserts;
mod shapes;

pub use asserts::{assert_nothing_overlaps, assert_only_text, assert_well_formed};
use roxmltree::{Document, Node};
use shapes::{Corners, encloses, number, of_rect, of_text, of_units};

/// A box with its content, except that of smaller boxes in it.
pub struct Block {
    pub class: String,
    /// The text that is shown if the pointer rests on the box.
    pub hint: Option<String>,
    pub corners: Corners,
    pub items: Vec<Item>,
    /// The index of the box that contains this one; None for the page.
    pub within: Option<usize>,
}

/// The content of a box: a text, figures of one size and class, or the box of this index.
pub enum Item {
    Text { text: String, class: String, corners: Corners },
    Units { class: String, all: Vec<Corners> },
    Block(usize),
}

/// Splits a picture into boxes; the first box is the page.
pub fn blocks(text: &str) -> Vec<Block> {
    let document = Document::parse(text).expect("well-formed");
    let mut blocks: Vec<Block> = Vec::new();
    for element in document.descendants().filter(Node::is_element) {
        let class = || element.attribute("class").expect("a class").to_owned();
        match element.tag_name().name() {
            "rect" => {
                let corners = of_rect(element);
                let within = innermost(&blocks, corners);
                let place = blocks.len();
                if let Some(outer) = within {
                    blocks[outer].items.push(Item::Block(place));
                }
                blocks.push(Block { class: class(), hint: None, corners, items: vec![], within });
            }
            "text" => {
                let (class, corners) = (class(), of_text(element));
                let text = element.text().unwrap_or_default().to_owned();
                let place = innermost(&blocks, corners).expect("on the page");
                blocks[place].items.push(Item::Text { text, class, corners });
            }
            "path" => {
                let (class, all) = (class(), of_units(element));
                let place = innermost(&blocks, all[0]).expect("on the page");
                blocks[place].items.push(Item::Units { class, all });
            }
            _ => {}
        }
    }
    for title in document.descendants().filter(|element| element.has_tag_name("title")) {
        let group = title.parent().expect("a group");
        let text = group.descendants().find(|element| element.has_tag_name("text")).expect("text");
        let place = innermost(&blocks, of_text(text)).expect("on the page");
        assert!(blocks[place].hint.is_none(), "one hint a box");
        blocks[place].hint = title.text().map(str::to_owned);
    }
    let svg = document.root_element();
    let size = [0, 0, number(svg, "width"), number(svg, "height")];
    assert_eq!((blocks[0].class.as_str(), blocks[0].corners), ("page", size));
    assert_eq!(svg.attribute("viewBox"), Some(&*format!("0 0 {} {}", size[2], size[3])));
    blocks[0].hint = svg.attribute("aria-label").map(str::to_owned);
    blocks
}

/// The last drawn box of those that contain a shape.
fn innermost(blocks: &[Block], inner: Corners) -> Option<usize> {
    blocks.iter().rposition(|block| encloses(block.corners, inner))
}

/// Writes a line for each box, below the line of the box that contains it: its class, its hint and its content.
/// Boxes behind another one, as in a pile, are counted with it; bold text stands between stars.
pub fn outline(text: &str) -> String {
    let blocks = blocks(text);
    let mut lines = String::new();
    let mut behind = 0;
    for block in &blocks {
        if is_behind(block) {
            behind += 1;
            continue;
        }
        let pile = if behind == 0 { String::new() } else { format!("{} x ", behind + 1) };
        behind = 0;
        let hint = block.hint.as_ref().map_or_else(String::new, |hint| format!(" ({hint})"));
        let contents = block.words();
        let indent = "  ".repeat(depth(&blocks, block));
        lines += &format!("{indent}{pile}{}{hint}: {}\n", block.class, contents.join(" | "));
    }
    lines
}

/// Whether a box lies in a pile, behind the box that is read.
pub fn is_behind(block: &Block) -> bool {
    block.items.is_empty() && ["node", "free"].contains(&&*block.class)
}

fn depth(blocks: &[Block], block: &Block) -> usize {
    block.within.map_or(0, |outer| 1 + depth(blocks, &blocks[outer]))
}

impl Block {
    /// The texts, squares and bars, in the order in which they are drawn.
    pub fn words(&self) -> Vec<String> {
        self.items.iter().filter_map(Item::in_words).collect()
    }
}

impl Item {
    /// A text, or how many squares of a class, or how wide the bar; None for a box.
    fn in_words(&self) -> Option<String> {
        match self {
            Self::Text { text, class, .. } if class == "strong" || class == "title" => {
                Some(format!("*{text}*"))
            }
            Self::Text { text, .. } => Some(text.clone()),
            Self::Units { class, all } => match all[0] {
                [left, top, right, bottom] if bottom - top < 9 => {
                    Some(format!("{} px {class}", right - left))
                }
                _ => Some(format!("{} {class}", all.len())),
            },
            Self::Block(_) => None,
        }
    }
}
