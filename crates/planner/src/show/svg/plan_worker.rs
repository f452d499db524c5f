use super::figure::{Figure, Point};
use super::style::{CPU_SIDE, Font, GPU_HEIGHT, GPU_WIDTH, PLAIN, SMALL, STRONG, UNIT_GAP};
use crate::bytes::bytes;
use crate::cluster::resources::{Resources, SMALLEST_SHOWN_BYTES, count_of};
use crate::placement::worker::Worker;
use crate::show::fold::FoldedWorkers;

/// The most CPUs and GPUs that are drawn one by one, and the most side by side.
const MOST_UNITS: u64 = 256;
pub(super) const CPUS_IN_A_ROW: u64 = 16;
pub(super) const GPUS_IN_A_ROW: u64 = 4;

/// The gap between the lines of a box.
pub(super) const LINE_GAP: u32 = 3;

/// Draws what a worker has, or what each of several workers has that look the same.
pub(super) fn contents(FoldedWorkers { worker, count }: FoldedWorkers<'_>) -> Figure {
    let share = Resources::from(worker);
    let times = if count == 1 { String::new() } else { format!("{count} x ") };
    let lines = [
        Figure::line(name(worker, count), SMALL),
        units(share, "cpu", "gpu"),
        Figure::line(format!("{times}{}", count_of(share.cpus, "CPU")), strength(count)),
        some(share.gpus, || Figure::line(count_of(share.gpus, "GPU"), PLAIN)),
        Figure::line(bytes(share.memory_bytes), PLAIN),
    ];
    let hint =
        format!("{}: {share}, {}", worker.worker_id, count_of(worker.threads.into(), "thread"));
    Figure::stacked(lines, LINE_GAP).with_hint(hint)
}

/// Draws what no worker of a node has; None if that is too little to show.
pub(super) fn left_over(left: Resources) -> Option<Figure> {
    if left.cpus == 0 && left.gpus == 0 && left.memory_bytes < SMALLEST_SHOWN_BYTES {
        return None;
    }
    let lines = [
        Figure::line("no worker", SMALL),
        units(left, "idle", "idle"),
        some(left.cpus, || Figure::line(count_of(left.cpus, "CPU"), PLAIN)),
        some(left.gpus, || Figure::line(count_of(left.gpus, "GPU"), PLAIN)),
        some(left.memory_bytes / SMALLEST_SHOWN_BYTES, || {
            Figure::line(bytes(left.memory_bytes), PLAIN)
        }),
    ];
    Some(Figure::stacked(lines, LINE_GAP))
}

/// The worker's own part of its id; for several workers, those of the first and the last.
fn name(worker: &Worker, count: u32) -> String {
    match worker.first_cpu() {
        None => "whole node".to_owned(),
        Some(first) if count == 1 => format!("cpu_{first}"),
        Some(first) => format!("cpu_{first} … cpu_{}", first + (count - 1) * worker.cpus),
    }
}

fn strength(count: u32) -> Font {
    if count == 1 { PLAIN } else { STRONG }
}

pub(super) fn some(amount: u64, line: impl FnOnce() -> Figure) -> Figure {
    if amount == 0 { Figure::default() } else { line() }
}

/// Draws the CPUs and GPUs, one by one if there are not too many.
pub(super) fn units(share: Resources, cpu: &'static str, gpu: &'static str) -> Figure {
    let cpus = squares([(cpu, share.cpus)], CPUS_IN_A_ROW, Point(CPU_SIDE, CPU_SIDE));
    let gpus = squares([(gpu, share.gpus)], GPUS_IN_A_ROW, Point(GPU_WIDTH, GPU_HEIGHT));
    Figure::stacked([cpus, gpus], LINE_GAP)
}

/// Draws boxes of one size in rows, as many of each class as counted; none if there are too many to read.
pub(super) fn squares(
    counts: impl IntoIterator<Item = (&'static str, u64)>,
    in_a_row: u64,
    size: Point,
) -> Figure {
    let mut by_class: Vec<(&str, Vec<Point>)> = Vec::new();
    let mut first = 0;
    for (class, count) in counts {
        if count > MOST_UNITS - first {
            return Figure::default();
        }
        let places = (first..first + count).map(|unit| {
            // Both are below MOST_UNITS.
            let (right, down) = ((unit % in_a_row) as u32, (unit / in_a_row) as u32);
            Point(right * (size.0 + UNIT_GAP), down * (size.1 + UNIT_GAP))
        });
        match by_class.iter_mut().find(|(known, _)| *known == class) {
            Some((_, all)) => all.extend(places),
            None => by_class.push((class, places.collect())),
        }
        first += count;
    }
    let mut all = Figure::default();
    for (class, places) in by_class.into_iter().filter(|(_, places)| !places.is_empty()) {
        all.add(Point(0, 0), Figure::units(places, size, class));
    }
    all
}
