use hashbrown::HashMap;

use super::assign::assign;
use super::idle::{Timeline, timeline};
use super::placed::Placed;
use super::state::State;
use crate::profile::record::{ProfileRecord, TaskRecord, WorkerRecord};

/// A time in which a slot does one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from: u64,
    pub(crate) to: u64,
    pub(crate) state: State,
    /// The place of its task in the record.
    pub(crate) task: Option<usize>,
}

/// A worker with what each of its slots did from the beginning of the query to its end, without gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WorkerLanes {
    /// The place of the worker in the record; None if tasks name a worker that is not there.
    pub(crate) worker: Option<usize>,
    pub(crate) lanes: Vec<Vec<Span>>,
}

/// Tells what each slot of each worker did at each moment.
pub(crate) fn lanes(record: &ProfileRecord) -> Vec<WorkerLanes> {
    let mut by_worker: Vec<Vec<(usize, &TaskRecord)>> = vec![Vec::new(); record.workers.len()];
    let mut of_none = Vec::new();
    for (place, task) in record.tasks.iter().enumerate() {
        by_worker.get_mut(task.worker).unwrap_or(&mut of_none).push((place, task));
    }
    let mut timelines: HashMap<u32, Timeline> = HashMap::new();
    let mut of_worker = |place: Option<usize>, worker: &WorkerRecord, tasks: &[_]| {
        let idle = timelines.entry(worker.slots).or_insert_with(|| timeline(record, worker.slots));
        let dealt = assign(worker.slots, tasks, record.wall_us);
        let up = Up::of(worker, &dealt, record.wall_us);
        let lanes = dealt.iter().map(|lane| tiled(record, lane, up, idle)).collect();
        WorkerLanes { worker: place, lanes }
    };
    let known = record.workers.iter().zip(&by_worker).enumerate();
    let mut all: Vec<_> =
        known.map(|(place, (worker, tasks))| of_worker(Some(place), worker, tasks)).collect();
    if !of_none.is_empty() {
        let unknown = WorkerRecord { slots: 1, up_us: Some(0), ..WorkerRecord::default() };
        all.push(of_worker(None, &unknown, &of_none));
    }
    all
}

/// When a worker was up.
#[derive(Clone, Copy)]
struct Up {
    from: u64,
    to: u64,
}

impl Up {
    /// A worker was up at the latest when it was sent its first task, and until its last one returned.
    fn of(worker: &WorkerRecord, lanes: &[Vec<Placed>], wall_us: u64) -> Self {
        let first = lanes.iter().filter_map(|lane| Some(lane.first()?.sent)).min();
        let last = lanes.iter().filter_map(|lane| Some(lane.last()?.returned)).max();
        let from = worker.up_us.unwrap_or(wall_us).min(first.unwrap_or(wall_us)).min(wall_us);
        let to = worker.gone_us.unwrap_or(wall_us).max(last.unwrap_or(0)).clamp(from, wall_us);
        Self { from, to }
    }
}

fn tiled(record: &ProfileRecord, lane: &[Placed], up: Up, idle: &Timeline) -> Vec<Span> {
    let mut spans = Vec::with_capacity(4 * lane.len() + 4);
    let mut free = 0;
    for placed in lane {
        wait(&mut spans, (free, placed.sent), up, idle);
        let failed = record.tasks.get(placed.task).is_some_and(|task| task.failed);
        let working = if failed { State::Failed } else { State::Working };
        for (from, to, state) in [
            (placed.sent, placed.begun, State::OnItsWay),
            (placed.begun, placed.ended, working),
            (placed.ended, placed.returned, State::OnItsWay),
        ] {
            add(&mut spans, Span { from, to, state, task: Some(placed.task) });
        }
        free = placed.returned;
    }
    wait(&mut spans, (free, record.wall_us), up, idle);
    spans
}

/// Adds what a slot waits for in a time in which it has no task.
fn wait(spans: &mut Vec<Span>, (from, to): (u64, u64), up: Up, idle: &Timeline) {
    let mut add =
        |from: u64, to: u64, state| add(spans, Span { from, to: to.max(from), state, task: None });
    add(from, to.min(up.from), State::NotUp);
    let (begin, end) = (from.max(up.from), to.min(up.to));
    let first = idle.partition_point(|(time, _)| *time <= begin).saturating_sub(1);
    let later = idle.iter().skip(first);
    let ends = later.clone().skip(1).map(|(time, _)| *time).chain([u64::MAX]);
    for ((time, state), next) in later.zip(ends).take_while(|((time, _), _)| *time < end) {
        add(begin.max(*time), end.min(next), *state);
    }
    add(from.max(up.to), to, State::NotUp);
}

fn add(spans: &mut Vec<Span>, new: Span) {
    if new.from >= new.to {
        return;
    }
    match spans.last_mut() {
        Some(last) if last.task.is_none() && new.task.is_none() && last.state == new.state => {
            last.to = new.to;
        }
        _ => spans.push(new),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spans(record: &ProfileRecord) -> Vec<Vec<(u64, u64, State)>> {
        let all = lanes(record);
        let lanes = all.iter().flat_map(|worker| &worker.lanes);
        let figures = |span: &Span| (span.from, span.to, span.state);
        lanes.map(|lane| lane.iter().map(figures).collect()).collect()
    }

    fn worker(slots: u32, up_us: Option<u64>) -> WorkerRecord {
        WorkerRecord { slots, up_us, ..WorkerRecord::default() }
    }

    fn task(worker: usize, stage: u32, times: [u64; 4]) -> TaskRecord {
        let [sent_us, begun, ended, returned_us] = times;
        TaskRecord {
            worker,
            stage,
            sent_us,
            begun_us: Some(begun),
            ended_us: Some(ended),
            returned_us,
            ..TaskRecord::default()
        }
    }

    #[test]
    fn each_slot_has_one_state_at_each_moment() {
        let tasks = vec![
            task(0, 0, [10, 11, 19, 20]),
            task(1, 0, [12, 13, 29, 30]),
            task(0, 0, [24, 25, 34, 35]),
            task(0, 1, [40, 41, 59, 60]),
        ];
        let workers = vec![worker(1, Some(0)), worker(1, Some(5)), worker(1, None)];
        let record = ProfileRecord {
            wall_us: 70,
            delivered_us: Some(66),
            workers,
            tasks,
            ..Default::default()
        };
        use State::*;
        let first = vec![
            (0, 10, Planning),
            (10, 11, OnItsWay),
            (11, 19, Working),
            (19, 20, OnItsWay),
            (20, 24, HandOut),
            (24, 25, OnItsWay),
            (25, 34, Working),
            (34, 35, OnItsWay),
            (35, 40, Between),
            (40, 41, OnItsWay),
            (41, 59, Working),
            (59, 60, OnItsWay),
            (60, 66, Result),
            (66, 70, Other),
        ];
        let second = vec![
            (0, 5, NotUp),
            (5, 10, Planning),
            (10, 12, HandOut),
            (12, 13, OnItsWay),
            (13, 29, Working),
            (29, 30, OnItsWay),
            (30, 40, Between),
            (40, 60, Tail),
            (60, 66, Result),
            (66, 70, Other),
        ];
        assert_eq!(spans(&record), [first, second, vec![(0, 70, NotUp)]]);
    }

    #[test]
    fn a_worker_is_gone_from_its_time_on() {
        let gone = WorkerRecord { gone_us: Some(30), ..worker(1, Some(0)) };
        let failed = TaskRecord { failed: true, ..task(0, 0, [0, 0, 40, 40]) };
        let record = ProfileRecord {
            wall_us: 100,
            workers: vec![gone],
            tasks: vec![failed],
            ..ProfileRecord::default()
        };
        assert_eq!(spans(&record), [[(0, 40, State::Failed), (40, 100, State::NotUp)]]);
    }

    #[test]
    fn tasks_of_an_unknown_worker_have_a_lane() {
        let record = ProfileRecord {
            wall_us: 10,
            workers: vec![worker(1, Some(0))],
            tasks: vec![task(7, 0, [0, 0, 10, 10])],
            ..ProfileRecord::default()
        };
        assert_eq!(spans(&record), [[(0, 10, State::Tail)], [(0, 10, State::Working)]]);
    }

    fn times() -> impl Strategy<Value = u64> {
        prop_oneof![8 => 0..120_u64, 1 => Just(0), 1 => Just(u64::MAX)]
    }

    prop_compose! {
        fn any_task()(
            worker in 0..5_usize, stage in 0..4_u32, query in 0..2_u32,
            sent_us in times(), returned_us in times(),
            begun_us in proptest::option::of(times()), ended_us in proptest::option::of(times()),
            slots in proptest::option::of(0..6_u32), failed in any::<bool>(),
        ) -> TaskRecord {
            TaskRecord {
                worker, stage, query, sent_us, returned_us, begun_us, ended_us, slots, failed,
                ..TaskRecord::default()
            }
        }
    }

    prop_compose! {
        fn any_worker()(
            slots in prop_oneof![8 => 0..5_u32, 1 => Just(2_000)],
            up_us in proptest::option::of(times()), gone_us in proptest::option::of(times()),
        ) -> WorkerRecord {
            WorkerRecord { slots, up_us, gone_us, ..WorkerRecord::default() }
        }
    }

    prop_compose! {
        fn any_record()(
            wall_us in prop_oneof![8 => 1..100_u64, 1 => Just(0)],
            delivered_us in proptest::option::of(times()),
            workers in proptest::collection::vec(any_worker(), 0..5),
            tasks in proptest::collection::vec(any_task(), 0..24),
        ) -> ProfileRecord {
            ProfileRecord { wall_us, delivered_us, workers, tasks, ..ProfileRecord::default() }
        }
    }

    proptest! {
        #[test]
        fn the_states_of_a_slot_tile_the_time_of_the_query(record in any_record()) {
            let all = lanes(&record);
            let slots: usize = all.iter().map(|worker| worker.lanes.len()).sum();
            let least: usize =
                record.workers.iter().map(|worker| worker.slots.min(1_024) as usize).sum();
            prop_assert!(slots >= least);
            for lane in all.iter().flat_map(|worker| &worker.lanes) {
                let mut end = 0;
                for span in lane {
                    prop_assert_eq!(span.from, end);
                    prop_assert!(span.to > span.from);
                    let has_task = matches!(
                        span.state, State::Working | State::Failed | State::OnItsWay
                    );
                    prop_assert_eq!(span.task.is_some(), has_task);
                    end = span.to;
                }
                prop_assert_eq!(end, record.wall_us);
            }
        }

        #[test]
        fn a_task_is_on_the_lanes_of_its_worker(record in any_record()) {
            for of_worker in lanes(&record) {
                for span in of_worker.lanes.iter().flatten() {
                    if let Some(task) = span.task {
                        let worker = record.tasks[task].worker;
                        let known = (worker < record.workers.len()).then_some(worker);
                        prop_assert_eq!(known, of_worker.worker);
                        prop_assert!(span.from >= record.tasks[task].sent_us);
                    }
                }
            }
        }

        #[test]
        fn whatever_was_recorded_can_be_shown(record in any_record()) {
            let profile = crate::profile::analysis::Profile::of(record);
            prop_assert!((0.0..=1.0 + 1e-9).contains(&profile.accounted()));
            let mut gains = profile.advice().iter().filter_map(|advice| advice.gain);
            prop_assert!(gains.all(f64::is_finite));
        }
    }
}
