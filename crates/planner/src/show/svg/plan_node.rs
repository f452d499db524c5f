use super::arrange::{in_grid, in_rows};
use super::figure::{Figure, Point, Shape};
use super::plan_worker::{contents, left_over};
use super::style::{GAP, PAGE_WIDTH, PLAIN, SMALL, STRONG};
use super::text::shortened;
use crate::bytes::bytes;
use crate::cluster::numa::Numa;
use crate::cluster::resources::{Resources, count_of};
use crate::placement::worker::Worker;
use crate::show::fold::{FoldedNodes, FoldedWorkers, fold_workers};

/// The greatest width of boxes side by side within a node.
const WIDTH: u32 = PAGE_WIDTH - 4 * GAP;

/// How many letters of an id or a layout are shown, and how many ids a hint names.
pub(super) const MOST_LETTERS: u32 = 24;
const MOST_LAYOUT_LETTERS: u32 = 60;
const MOST_IDS: usize = 8;

/// The offset of the sheets in a pile of nodes that look the same, and how many sheets lie behind the first.
const SHEET: u32 = 4;
const MOST_SHEETS: usize = 2;

/// Draws a node with its workers, or a pile of nodes that look the same.
///
/// Neighbouring workers that look the same are drawn one by one, or once if `folds_workers`.
pub(super) fn node(folded: &FoldedNodes<'_>, folds_workers: bool, shows_layout: bool) -> Figure {
    let mut inside = vec![heading(folded, shows_layout)];
    let mut tiles = workers(folded.workers, folds_workers);
    let numa_nodes = folded.nodes.first().map_or(&[][..], |node| node.numa());
    let mut boxes = Vec::with_capacity(numa_nodes.len());
    for numa in numa_nodes {
        let is_own = |(id, _): &mut (Option<u32>, Figure)| *id == Some(numa.id);
        let own = tiles.extract_if(.., is_own).map(|(_, tile)| tile).collect();
        boxes.push(("numa", numa_box(numa, own)));
    }
    inside.push(in_rows(evened(boxes), WIDTH, GAP));
    let elsewhere = tiles.into_iter().map(|(_, tile)| tile).collect();
    let workers = in_grid(elsewhere, WIDTH, GAP);
    let left = left_over(folded.left_over()).filter(|_| !folded.workers.is_empty());
    let left = left.map(|left| left.framed("free", Point(0, 0)));
    let both = std::iter::once(workers).filter(|workers| workers.width > 0).chain(left);
    inside.push(in_rows(both.collect(), WIDTH, GAP));
    let class = if folded.workers.is_empty() { "free" } else { "node" };
    piled(Figure::stacked(inside, GAP).framed(class, Point(0, 0)), class, folded.nodes.len())
        .with_hint(hint(folded))
}

/// Draws the workers of a node in boxes of one size, each with the number of its NUMA node.
fn workers(all: &[Worker], folded: bool) -> Vec<(Option<u32>, Figure)> {
    let runs = if folded {
        fold_workers(all)
    } else {
        all.iter().map(|worker| FoldedWorkers { worker, count: 1 }).collect()
    };
    let numa: Vec<_> = runs.iter().map(|run| run.worker.numa).collect();
    let tiles = evened(runs.into_iter().map(|run| ("worker", contents(run))).collect());
    numa.into_iter().zip(tiles).collect()
}

fn heading(folded: &FoldedNodes<'_>, shows_layout: bool) -> Figure {
    let Some(node) = folded.nodes.first() else { return Figure::default() };
    let title = match (folded.nodes.len(), node.address()) {
        (1, None) => shortened(node.id(), MOST_LETTERS),
        (1, Some(address)) => {
            format!("{}, {}", shortened(node.id(), MOST_LETTERS), shortened(address, MOST_LETTERS))
        }
        (count, _) => format!("{count} nodes, each"),
    };
    let state = match folded.workers.first() {
        _ if !node.is_alive() => "dead".to_owned(),
        None => "no worker".to_owned(),
        Some(worker) => {
            let workers = count_of(folded.workers.len() as u64, "worker");
            let node_layout = shortened(&worker.node_layout.to_string(), MOST_LAYOUT_LETTERS);
            if shows_layout { format!("{workers}, {node_layout}") } else { workers }
        }
    };
    let lines = [
        Figure::line(title, STRONG),
        Figure::line(Resources::from(*node).to_string(), PLAIN),
        Figure::line(state, SMALL),
    ];
    Figure::stacked(lines, 0)
}

fn numa_box(numa: &Numa, workers: Vec<Figure>) -> Figure {
    let title = format!("NUMA node {}", numa.id);
    let amounts = format!("{}, {}", count_of(numa.cpus.into(), "CPU"), bytes(numa.memory_bytes));
    let lines = Figure::stacked([Figure::line(title, SMALL), Figure::line(amounts, PLAIN)], 0);
    Figure::stacked([lines, in_grid(workers, WIDTH - 2 * GAP, GAP)], GAP)
}

/// Puts boxes around figures, each of a class, all as large as the largest figure needs.
pub(super) fn evened(figures: Vec<(&'static str, Figure)>) -> Vec<Figure> {
    let width = figures.iter().map(|(_, figure)| figure.width).max().unwrap_or(0);
    let height = figures.iter().map(|(_, figure)| figure.height).max().unwrap_or(0);
    figures.into_iter().map(|(class, figure)| figure.framed(class, Point(width, height))).collect()
}

/// The same figure with the edges of others behind it.
fn piled(top: Figure, class: &'static str, count: usize) -> Figure {
    let size = top.size();
    let sheets = u32::try_from(count.saturating_sub(1).min(MOST_SHEETS)).unwrap_or(0);
    let mut pile = Figure { width: 0, height: 0, shapes: Vec::new() };
    for sheet in (1..=sheets).rev() {
        pile.shapes.push(Shape::Frame { at: Point(sheet * SHEET, sheet * SHEET), size, class });
    }
    pile.add(Point(0, 0), top);
    pile.width += sheets * SHEET;
    pile.height += sheets * SHEET;
    pile
}

fn hint(folded: &FoldedNodes<'_>) -> String {
    let mut ids: Vec<&str> = folded.nodes.iter().take(MOST_IDS).map(|node| &**node.id()).collect();
    let more = folded.nodes.len().saturating_sub(MOST_IDS);
    let rest = format!("and {more} more");
    if more > 0 {
        ids.push(&rest);
    }
    ids.join(", ")
}
