use super::arrange::in_rows;
use super::document::written;
use super::figure::{Figure, Point};
use super::plan_node::node;
use super::style::{CPU_SIDE, GAP, GPU_HEIGHT, GPU_WIDTH, PAGE_WIDTH, PLAIN, SMALL, TITLE};
use super::text::shortened;
use crate::cluster::node::Node;
use crate::cluster::resources::{Resources, count_of};
use crate::placement::plan::Plan;
use crate::show::fold::{FoldedNodes, fold_nodes};

/// The most workers that are drawn one by one, on all drawn nodes together.
pub(super) const MOST_WORKERS: usize = 256;

/// How many nodes, or piles of nodes that look the same, are drawn.
pub(super) const MOST_NODES: usize = 256;

/// How many letters of a layout are shown.
pub(super) const MOST_LETTERS: u32 = 130;

/// Draws a plan for `nodes` as SVG, like a map of hardware: a box for each node with its workers and its known
/// NUMA nodes. Nodes that look the same are drawn once.
pub fn to_svg(plan: &Plan, nodes: &[Node]) -> String {
    let groups = fold_nodes(nodes, plan);
    let workers: usize = groups.iter().map(|group| group.workers.len()).sum();
    let shows_layout = plan.layout.one_node_layout().is_none();
    let drawn = groups.iter().take(MOST_NODES);
    let boxes = drawn.map(|group| node(group, workers > MOST_WORKERS, shows_layout)).collect();
    let parts = [
        heading(plan, nodes),
        in_rows(boxes, PAGE_WIDTH, 2 * GAP),
        rest(groups.get(MOST_NODES..).unwrap_or_default()),
        keys(&[CPU, GPU, ("idle", Point(CPU_SIDE, CPU_SIDE), "of no worker")]),
    ];
    let title = format!("{}: {}", plan.layout, summary(plan, nodes));
    written(&Figure::stacked(parts, 2 * GAP), &title)
}

fn heading(plan: &Plan, nodes: &[Node]) -> Figure {
    let layout = shortened(&plan.layout.to_string(), MOST_LETTERS);
    let all: Resources = plan.workers.iter().collect();
    let lines = [
        Figure::line(layout, TITLE),
        Figure::line(summary(plan, nodes), PLAIN),
        Figure::line(format!("in all workers together: {all}"), PLAIN),
    ];
    Figure::stacked(lines, 0)
}

fn summary(plan: &Plan, nodes: &[Node]) -> String {
    let workers = count_of(plan.workers.len() as u64, "worker");
    format!("{workers} on {}", count_of(nodes.len() as u64, "node"))
}

fn rest(groups: &[FoldedNodes<'_>]) -> Figure {
    not_drawn(groups.iter().map(|group| group.nodes.len()).sum())
}

/// Says how many more nodes there are; empty if all are drawn.
pub(super) fn not_drawn(nodes: usize) -> Figure {
    if nodes == 0 {
        return Figure::default();
    }
    Figure::line(format!("and {}, not drawn", count_of(nodes as u64, "more node")), PLAIN)
}

/// A class, the size of its sample, and what it stands for.
pub(super) type Key = (&'static str, Point, &'static str);

pub(super) const CPU: Key = ("cpu", Point(CPU_SIDE, CPU_SIDE), "CPU");
pub(super) const GPU: Key = ("gpu", Point(GPU_WIDTH, GPU_HEIGHT), "GPU");

/// Draws what the colours stand for.
pub(super) fn keys(entries: &[Key]) -> Figure {
    let entry = |&(class, size, word): &Key| {
        let mut entry = Figure::default();
        let middle = SMALL.line.saturating_sub(size.1) / 2;
        entry.add(Point(0, middle), Figure::units(vec![Point(0, 0)], size, class));
        entry.add(Point(size.0 + GAP, 0), Figure::line(word, SMALL));
        entry
    };
    in_rows(entries.iter().map(entry).collect(), PAGE_WIDTH, 3 * GAP)
}
