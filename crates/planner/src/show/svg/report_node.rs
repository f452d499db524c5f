use super::arrange::in_grid;
use super::figure::{Figure, Point};
use super::plan_node::{MOST_LETTERS, evened};
use super::plan_worker::{CPUS_IN_A_ROW, GPUS_IN_A_ROW, LINE_GAP, some, squares};
use super::report_worker::{limit, live_contents, meter, tile_class, trouble, unit_class};
use super::style::{CPU_SIDE, GAP, GPU_HEIGHT, GPU_WIDTH, PAGE_WIDTH, PLAIN, SMALL, STRONG};
use super::text::shortened;
use crate::bytes::bytes;
use crate::cluster::resources::{Resources, count_of};
use crate::proof::report::{WorkerReport, WorkerState};

/// The greatest width of workers side by side within a node of a fleet.
const WIDTH: u32 = PAGE_WIDTH - 6 * GAP;

/// The width of the bar that shows the memory of a node's workers.
const NODE_METER_WIDTH: u32 = 174;

/// How many workers with a problem are named on a node whose workers are not drawn one by one.
const MOST_NAMED: usize = 4;

/// Draws a node with the workers of a fleet, each in a box of its own.
pub(super) fn live_node(id: &str, workers: &[&WorkerReport]) -> Figure {
    let tiles =
        workers.iter().map(|worker| (tile_class(worker.state), live_contents(worker))).collect();
    Figure::stacked([heading(id, workers), in_grid(evened(tiles), WIDTH, GAP)], GAP)
}

/// Draws the same node with its workers as squares, and names those with a problem.
pub(super) fn folded_node(id: &str, workers: &[&WorkerReport]) -> Figure {
    let cpus =
        workers.iter().map(|worker| (unit_class(worker.state), Resources::from(*worker).cpus));
    let gpus = workers.iter().map(|worker| {
        let class =
            if worker.state == WorkerState::Alive { "gpu" } else { unit_class(worker.state) };
        (class, Resources::from(*worker).gpus)
    });
    let units = [
        squares(cpus, CPUS_IN_A_ROW, Point(CPU_SIDE, CPU_SIDE)),
        squares(gpus, GPUS_IN_A_ROW, Point(GPU_WIDTH, GPU_HEIGHT)),
    ];
    let mut troubles = workers.iter().filter_map(|worker| trouble(worker));
    let named: Vec<_> = troubles.by_ref().take(MOST_NAMED).collect();
    let more = troubles.count() as u64;
    let lines = named
        .into_iter()
        .map(|line| Figure::line(line, STRONG))
        .chain([some(more, || Figure::line(format!("and {more} more"), PLAIN))]);
    Figure::stacked(
        [heading(id, workers), Figure::stacked(units, LINE_GAP), Figure::stacked(lines, 0)],
        GAP,
    )
    .with_hint(id.to_owned())
}

fn heading(id: &str, workers: &[&WorkerReport]) -> Figure {
    let all: Resources = workers.iter().copied().collect();
    let known = workers.iter().filter_map(|worker| Some((worker.rss_bytes?, limit(worker))));
    let memory = known.reduce(|(used, most), (more, further)| {
        (used.saturating_add(more), most.saturating_add(further))
    });
    let memory = memory.map_or_else(Figure::default, |(used, most)| {
        let text = format!("RSS {} of {}", bytes(used), bytes(most));
        Figure::stacked([Figure::line(text, SMALL), meter(used, most, NODE_METER_WIDTH)], 2)
    });
    let lines = [
        Figure::line(shortened(id, MOST_LETTERS), STRONG),
        Figure::line(count_of(workers.len() as u64, "worker"), PLAIN),
        Figure::line(all.to_string(), PLAIN),
        memory,
    ];
    Figure::stacked(lines, 0)
}
