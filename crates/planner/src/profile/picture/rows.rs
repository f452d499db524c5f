use hashbrown::HashMap;

use crate::bytes::bytes;
use crate::cluster::resources::count_of;
use crate::profile::amounts::{duration, percent};
use crate::profile::analysis::Profile;
use crate::profile::record::WorkerRecord;
use crate::profile::time::lanes::{Span, WorkerLanes};

/// The most rows of a picture. If there are more slots, those of a worker are folded, and if there are more
/// workers, those of a node, and then nodes.
pub(in crate::profile) const MOST_ROWS: usize = 64;

/// A node with its workers.
pub(in crate::profile) struct NodeLanes<'a> {
    pub(in crate::profile) name: &'a str,
    pub(in crate::profile) workers: Vec<&'a WorkerLanes>,
}

/// A row of a picture: a slot, or several that are folded into a band.
pub(super) struct Row<'a> {
    pub(super) label: String,
    pub(super) hint: String,
    pub(super) lanes: Vec<&'a [Span]>,
}

/// Rows with a heading.
pub(super) struct Group<'a> {
    pub(super) heading: Option<String>,
    pub(super) rows: Vec<Row<'a>>,
}

/// What a row stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::profile) enum Fold {
    Slots,
    Workers,
    Nodes,
}

/// The nodes with their workers, in the order of the workers.
pub(in crate::profile) fn nodes(profile: &Profile) -> Vec<NodeLanes<'_>> {
    let mut places = HashMap::new();
    let mut all: Vec<NodeLanes<'_>> = Vec::new();
    for worker in profile.lanes.iter().filter(|worker| !worker.lanes.is_empty()) {
        let name = record(profile, worker).map_or("unknown", |record| &*record.node);
        let place = *places.entry(name).or_insert(all.len());
        match all.get_mut(place) {
            Some(node) => node.workers.push(worker),
            None => all.push(NodeLanes { name, workers: vec![worker] }),
        }
    }
    all
}

/// What a row stands for, so that there are not too many.
pub(in crate::profile) fn fold(profile: &Profile) -> Fold {
    let workers = profile.lanes.iter().filter(|worker| !worker.lanes.is_empty());
    if profile.figures.slots as usize <= MOST_ROWS {
        Fold::Slots
    } else if workers.count() <= MOST_ROWS {
        Fold::Workers
    } else {
        Fold::Nodes
    }
}

/// The rows of the picture.
pub(super) fn groups(profile: &Profile) -> Vec<Group<'_>> {
    let nodes = nodes(profile);
    match fold(profile) {
        Fold::Nodes => vec![Group { heading: None, rows: of_nodes(&nodes) }],
        fold => nodes.iter().map(|node| of_workers(profile, node, fold)).collect(),
    }
}

fn of_nodes<'a>(nodes: &[NodeLanes<'a>]) -> Vec<Row<'a>> {
    let size = nodes.len().div_ceil(MOST_ROWS).max(1);
    let row = |some: &[NodeLanes<'a>]| {
        let lanes: Vec<_> = some
            .iter()
            .flat_map(|node| &node.workers)
            .flat_map(|worker| worker.lanes.iter().map(Vec::as_slice))
            .collect();
        let more = some.len().saturating_sub(1);
        let first = some.first().map_or("", |node| node.name);
        let label = if more > 0 { format!("{first} and {more} more") } else { first.to_owned() };
        let workers = some.iter().map(|node| node.workers.len() as u64).sum();
        let counts = (count_of(workers, "worker"), count_of(lanes.len() as u64, "slot"));
        Row { hint: format!("{label}: {}, {}", counts.0, counts.1), label, lanes }
    };
    nodes.chunks(size).map(row).collect()
}

fn of_workers<'a>(profile: &Profile, node: &NodeLanes<'a>, fold: Fold) -> Group<'a> {
    let rows = node.workers.iter().flat_map(|worker| {
        let record = record(profile, worker);
        let id = record.map_or("unknown", |record| &*record.id);
        let label = label(id, node.name);
        let lanes: Vec<&'a [Span]> = worker.lanes.iter().map(Vec::as_slice).collect();
        let hint = hint(id, record, lanes.len());
        let chunk = if fold == Fold::Slots { 1 } else { lanes.len() };
        let count = lanes.len();
        let row = move |(slot, lanes): (usize, &[&'a [Span]])| Row {
            label: match count {
                1 => label.clone(),
                _ if fold == Fold::Workers => format!("{label} ({count} slots)"),
                _ if slot == 0 => format!("{label} slot 0"),
                _ => format!("slot {slot}"),
            },
            hint: hint.clone(),
            lanes: lanes.to_vec(),
        };
        lanes.chunks(chunk.max(1)).enumerate().map(row).collect::<Vec<_>>()
    });
    Group { heading: Some(node.name.to_owned()), rows: rows.collect() }
}

/// The id of a worker without that of its node.
pub(in crate::profile) fn label(id: &str, node: &str) -> String {
    match id.strip_prefix(node).map(|rest| rest.trim_start_matches('_')) {
        Some("") => "whole node".to_owned(),
        Some(rest) => rest.to_owned(),
        None => id.to_owned(),
    }
}

/// What is known of a worker, in one line.
pub(in crate::profile) fn hint(id: &str, record: Option<&WorkerRecord>, slots: usize) -> String {
    let mut all = vec![format!("{id}: {}", count_of(slots as u64, "slot"))];
    if let Some(record) = record {
        all.extend(
            record.up_us.filter(|up| *up > 0).map(|up| format!("up after {}", duration(up))),
        );
        all.extend(record.cpu_us.map(|cpu| format!("{} CPU", duration(cpu))));
        all.extend(record.peak_bytes.map(|peak| format!("at most {}", bytes(peak))));
        all.extend(record.gil.map(|gil| {
            format!("GIL held {}, waited for {}", percent(gil.held), percent(gil.waited))
        }));
    }
    all.join(", ")
}

/// The record of a worker; None if tasks name a worker that is not there.
pub(in crate::profile) fn record<'a>(
    profile: &'a Profile,
    worker: &WorkerLanes,
) -> Option<&'a WorkerRecord> {
    profile.record.workers.get(worker.worker?)
}
