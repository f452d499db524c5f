use serde::Serialize;

use crate::profile::analysis::Profile;
use crate::profile::picture::blocks::blocks;
use crate::profile::picture::colours::{COLOURS, STAGES};
use crate::profile::picture::looks::{Look, Looks, of_state};
use crate::profile::picture::rows::{Fold, fold, hint, label, nodes, record};
use crate::profile::record::TaskRecord;
use crate::profile::time::lanes::{Span, WorkerLanes};
use crate::profile::time::state::State;
use crate::show::svg::text::is_forbidden;

/// The most tasks that are told apart. If there are more, lanes are divided into columns, of which there are so
/// many together.
const MOST_TASKS: usize = 20_000;
const MOST_COLUMNS: u64 = 100_000;

/// A code is a look, and from this number on a task as well: the task's place plus one, times this number.
const TASK: usize = 32;

/// What the script of the page draws.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    wall: u64,
    /// How many levels are unfolded at first.
    open: u8,
    /// The names of the colours, and what they stand for.
    classes: Vec<&'static str>,
    words: Vec<String>,
    stage_colours: usize,
    stages: Vec<&'a str>,
    /// Of each task its stage, rows, bytes, CPU time, and the percentage of time in which the GIL was held.
    tasks: Vec<[Option<u64>; 5]>,
    nodes: Vec<Node<'a>>,
}

#[derive(Serialize)]
struct Node<'a> {
    name: &'a str,
    workers: Vec<Worker>,
}

#[derive(Serialize)]
struct Worker {
    name: String,
    hint: String,
    /// The lengths and the codes of its slots' spans, in turn.
    lanes: Vec<Vec<u64>>,
}

/// What the script of the page draws, as JSON that can stand in a page.
pub(super) fn data(profile: &Profile) -> String {
    let looks = Looks::of(profile);
    let tells_tasks = profile.record.tasks.len() <= MOST_TASKS;
    let tasks = profile.record.tasks.iter().enumerate();
    let workers = |name: &str, workers: &[&WorkerLanes]| {
        let worker = |worker: &&WorkerLanes| {
            let record = record(profile, worker);
            let id = record.map_or("unknown", |record| &*record.id);
            let lanes = worker.lanes.iter();
            Worker {
                name: label(id, name),
                hint: hint(id, record, worker.lanes.len()),
                lanes: lanes.map(|lane| flat(profile, &looks, lane, tells_tasks)).collect(),
            }
        };
        workers.iter().map(worker).collect()
    };
    let nodes = nodes(profile);
    let all = Data {
        wall: profile.record.wall_us,
        open: match fold(profile) {
            Fold::Slots => 2,
            Fold::Workers => 1,
            Fold::Nodes => 0,
        },
        classes: COLOURS.iter().map(|colour| colour.0).collect(),
        words: words(profile),
        stage_colours: STAGES,
        stages: profile.figures.stages.iter().map(|stage| &*stage.name).collect(),
        tasks: tasks
            .filter(|_| tells_tasks)
            .map(|(place, task)| figures(&looks, place, task))
            .collect(),
        nodes: nodes
            .iter()
            .map(|node| Node { name: node.name, workers: workers(node.name, &node.workers) })
            .collect(),
    };
    // Strings and numbers always serialise. Nothing in the page's JSON may end the script.
    let json = serde_json::to_string(&all).unwrap_or_default();
    json.replace('<', "\\u003c").replace(is_forbidden, "\u{fffd}")
}

/// What the looks stand for.
fn words(profile: &Profile) -> Vec<String> {
    let stages = &profile.figures.stages;
    let of_stage = |look: Look| {
        let all: Vec<&str> =
            stages.iter().skip(look).step_by(STAGES).map(|stage| &*stage.name).collect();
        format!("working: {}", all.join(" or "))
    };
    let states = State::ALL.into_iter().filter(|state| *state != State::Working);
    let mut words: Vec<String> = (0..STAGES).map(of_stage).collect();
    words.resize(COLOURS.len(), String::new());
    for state in states {
        if let Some(word) = words.get_mut(of_state(state)) {
            state.name().clone_into(word);
        }
    }
    words
}

fn figures(looks: &Looks, place: usize, task: &TaskRecord) -> [Option<u64>; 5] {
    // At most 100.
    let held = task.gil.map(|gil| (gil.held.clamp(0.0, 1.0) * 100.0).round() as u64);
    [Some(looks.stage(place) as u64), task.rows, task.bytes, task.cpu_us, held]
}

fn flat(profile: &Profile, looks: &Looks, lane: &[Span], tells_tasks: bool) -> Vec<u64> {
    let code =
        |look: Look, task: Option<usize>| (look + TASK * task.map_or(0, |task| task + 1)) as u64;
    if tells_tasks {
        let pair = |span: &Span| [span.to - span.from, code(looks.look(span), span.task)];
        return lane.iter().flat_map(pair).collect();
    }
    let wall = profile.record.wall_us;
    // Between 20 and 4,000.
    let columns = (MOST_COLUMNS / profile.figures.slots.max(1)).clamp(20, 4_000) as u32;
    let time = |column: u32| (u128::from(wall) * u128::from(column) / u128::from(columns)) as u64;
    let all = blocks(lane, looks, wall, columns);
    all.iter()
        .flat_map(|block| [time(block.to) - time(block.from), code(block.look, None)])
        .collect()
}
