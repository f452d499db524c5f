use super::arrange::in_rows;
use super::document::written;
use super::figure::{Figure, Point};
use super::plan_page::{CPU, GPU, Key, MOST_LETTERS, MOST_NODES, MOST_WORKERS, keys, not_drawn};
use super::report_node::{folded_node, live_node};
use super::style::{CPU_SIDE, GAP, METER_HEIGHT, PAGE_WIDTH, PLAIN, SMALL, STRONG, TITLE};
use super::text::shortened;
use crate::cluster::resources::{Resources, count_of};
use crate::proof::report::{FleetReport, Status, WorkerReport, WorkerState};

/// What the colours of a status stand for.
const KEYS: [Key; 7] = [
    CPU,
    GPU,
    ("mute", Point(CPU_SIDE, CPU_SIDE), "of a silent worker"),
    ("lost", Point(CPU_SIDE, CPU_SIDE), "of a dead or failed worker"),
    ("used", Point(3 * CPU_SIDE, METER_HEIGHT), "memory in use (RSS)"),
    ("idle", Point(3 * CPU_SIDE, METER_HEIGHT), "up to the limit"),
    ("over", Point(3 * CPU_SIDE, METER_HEIGHT), "above it"),
];

/// Draws a status as SVG: a box for each fleet, with its nodes and their workers.
///
/// Workers are drawn one by one, or as squares if there are too many.
pub fn status_to_svg(status: &Status) -> String {
    let workers = status.fleets.iter().map(|fleet| fleet.workers.len()).sum::<usize>();
    let mut remaining = MOST_NODES;
    let fleets = status
        .fleets
        .iter()
        .map(|fleet| self::fleet(fleet, workers > MOST_WORKERS, &mut remaining));
    let fleets: Vec<_> = fleets.collect();
    let in_effect = match &status.not_in_effect {
        None => "in effect".to_owned(),
        Some(reason) => format!("not in effect: {reason}"),
    };
    let summary = summary(status.fleets.iter().flat_map(|fleet| &fleet.workers));
    let summary = format!("{}, {summary}", count_of(status.fleets.len() as u64, "fleet"));
    let heading = Figure::stacked(
        [
            Figure::line(shortened(&in_effect, MOST_LETTERS), TITLE),
            Figure::line(summary.clone(), PLAIN),
        ],
        0,
    );
    let parts = std::iter::once(heading).chain(fleets).chain([keys(&KEYS)]);
    written(&Figure::stacked(parts, 2 * GAP), &format!("{in_effect}: {summary}"))
}

fn fleet(fleet: &FleetReport, folded: bool, remaining: &mut usize) -> Figure {
    let mut nodes: Vec<(&str, Vec<&WorkerReport>)> = Vec::new();
    let mut places = hashbrown::HashMap::new();
    for worker in &fleet.workers {
        let node_id = worker.node_id.as_deref().unwrap_or_default();
        let place = *places.entry(node_id).or_insert(nodes.len());
        match nodes.get_mut(place) {
            Some((_, workers)) => workers.push(worker),
            None => nodes.push((node_id, vec![worker])),
        }
    }
    let drawn = nodes.len().min(*remaining);
    *remaining -= drawn;
    let node = if folded { folded_node } else { live_node };
    let boxes: Vec<_> = nodes.iter().take(drawn).map(|(id, workers)| node(id, workers)).collect();
    // Many nodes are aligned in columns.
    let width = boxes.iter().map(|node| node.width).max().filter(|_| folded).unwrap_or(0);
    let boxes = boxes.into_iter().map(|node| node.framed("node", Point(width, 0))).collect();
    let all: Resources = fleet.workers.iter().collect();
    let heading = [
        Figure::line(shortened(&fleet.layout, MOST_LETTERS), STRONG),
        Figure::line(format!("runner {}", shortened(&fleet.name, MOST_LETTERS)), SMALL),
        Figure::line(format!("{}; {all}", summary(&fleet.workers)), PLAIN),
    ];
    let parts = [
        Figure::stacked(heading, 0),
        in_rows(boxes, PAGE_WIDTH - 2 * GAP, GAP),
        not_drawn(nodes.len() - drawn),
    ];
    Figure::stacked(parts, GAP).framed("fleet", Point(0, 0))
}

/// Says how many workers there are, on how many nodes, and how many are in each state.
fn summary<'a>(workers: impl IntoIterator<Item = &'a WorkerReport>) -> String {
    let workers: Vec<_> = workers.into_iter().collect();
    let nodes: hashbrown::HashSet<_> = workers.iter().map(|worker| &worker.node_id).collect();
    let count = |state| workers.iter().filter(|worker| worker.state == state).count();
    let states = WorkerState::ALL.into_iter().filter(|state| count(*state) > 0);
    let states: Vec<_> = states.map(|state| format!("{} {}", count(state), state.name())).collect();
    let all = count_of(workers.len() as u64, "worker");
    match states.is_empty() {
        true => all,
        false => {
            format!("{all} on {}: {}", count_of(nodes.len() as u64, "node"), states.join(", "))
        }
    }
}
