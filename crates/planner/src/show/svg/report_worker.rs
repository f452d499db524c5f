use super::figure::{Figure, Point};
use super::plan_worker::{LINE_GAP, some, units};
use super::style::{METER_HEIGHT, METER_WIDTH, PLAIN, SMALL, STRONG};
use crate::bytes::bytes;
use crate::cluster::resources::{Resources, count_of};
use crate::placement::worker_id::split_cpu;
use crate::proof::report::{WorkerReport, WorkerState};

/// Draws a worker as it was read back: what it was started with, its memory and limit, and its pid or its
/// state.
pub(super) fn live_contents(worker: &WorkerReport) -> Figure {
    let share = Resources::from(worker);
    let memory = match worker.rss_bytes {
        None => Figure::line(bytes(share.memory_bytes), PLAIN),
        Some(rss) => Figure::stacked(
            [
                meter(rss, limit(worker), METER_WIDTH),
                Figure::line(bytes(rss), PLAIN),
                Figure::line(format!("of {}", bytes(limit(worker))), SMALL),
            ],
            0,
        ),
    };
    let what = match (worker.state, worker.pid) {
        (WorkerState::Alive, Some(pid)) => Figure::line(format!("pid {pid}"), SMALL),
        (state, _) => Figure::line(state.name(), STRONG),
    };
    let unit = unit_class(worker.state);
    let lines = [
        Figure::line(name(worker), SMALL),
        units(share, unit, if worker.state == WorkerState::Alive { "gpu" } else { unit }),
        Figure::line(count_of(share.cpus, "CPU"), PLAIN),
        some(share.gpus, || Figure::line(count_of(share.gpus, "GPU"), PLAIN)),
        memory,
        what,
        some(worker.differences.len() as u64, || Figure::line(DIFFERS, STRONG)),
    ];
    Figure::stacked(lines, LINE_GAP).with_hint(hint(worker))
}

/// The word for a worker that differs from its share.
const DIFFERS: &str = "differs";

/// The class of the box of a worker.
pub(super) fn tile_class(state: WorkerState) -> &'static str {
    match state {
        WorkerState::Alive => "worker",
        WorkerState::Starting | WorkerState::Silent => "silent",
        WorkerState::Dead | WorkerState::Failed => "dead",
    }
}

/// The class of the square of a CPU of a worker.
pub(super) fn unit_class(state: WorkerState) -> &'static str {
    match state {
        WorkerState::Alive => "cpu",
        WorkerState::Starting | WorkerState::Silent => "mute",
        WorkerState::Dead | WorkerState::Failed => "lost",
    }
}

/// Says what is wrong with a worker, with its name; None if the worker is alive and has its share.
pub(super) fn trouble(worker: &WorkerReport) -> Option<String> {
    let what = match worker.state {
        WorkerState::Alive if worker.differences.is_empty() => return None,
        WorkerState::Alive => DIFFERS,
        state => state.name(),
    };
    Some(format!("{} {what}", name(worker)))
}

/// The most memory that a worker may take: its limit, or its share if it has none.
pub(super) fn limit(worker: &WorkerReport) -> u64 {
    worker.memory_limit_bytes.or(worker.memory_bytes).unwrap_or(0)
}

/// Draws a bar that is filled in proportion of `used` to `most`.
pub(super) fn meter(used: u64, most: u64, width: u32) -> Figure {
    let part = used as f64 / most.max(1) as f64;
    // Rounds to no more than the width.
    let filled = (f64::from(width) * part.min(1.0)).round() as u32;
    let class = if used > most { "over" } else { "used" };
    let bar = |left, width, class| {
        let mut bar = Figure::default();
        if width > 0 {
            bar.add(
                Point(left, 0),
                Figure::units(vec![Point(0, 0)], Point(width, METER_HEIGHT), class),
            );
        }
        bar
    };
    let mut both = bar(0, filled, class);
    both.add(Point(0, 0), bar(filled, width - filled, "idle"));
    both
}

fn name(worker: &WorkerReport) -> String {
    match worker.worker_id.as_deref().and_then(split_cpu) {
        None => "whole node".to_owned(),
        Some((_, first)) => format!("cpu_{first}"),
    }
}

fn hint(worker: &WorkerReport) -> String {
    let share = Resources::from(worker);
    let id = worker.worker_id.as_deref().unwrap_or_default();
    let mut all = vec![format!("{id}: {}", worker.state.name()), share.to_string()];
    all.extend(worker.pid.map(|pid| format!("pid {pid}")));
    all.extend(worker.rss_bytes.map(|rss| format!("RSS {}", bytes(rss))));
    all.extend(worker.memory_limit_bytes.map(|limit| format!("limit {}", bytes(limit))));
    all.extend(worker.threads.map(|threads| count_of(threads.into(), "thread")));
    all.extend(worker.cpus_allowed.iter().map(|cpus| format!("on CPUs {cpus}")));
    all.extend(worker.differences.iter().cloned());
    all.join(", ")
}
