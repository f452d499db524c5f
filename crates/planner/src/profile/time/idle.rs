use hashbrown::HashMap;

use super::state::State;
use crate::profile::record::{ProfileRecord, TaskRecord};

/// What a free slot waits for: times, each with the state from there on, in their order from 0 on.
pub(super) type Timeline = Vec<(u64, State)>;

/// The times at which something is sent first, sent last and returned last.
#[derive(Clone, Copy)]
struct Window {
    first_sent: u64,
    last_sent: u64,
    last_returned: u64,
    /// The fewest slots that one of its tasks takes.
    width: u32,
}

/// Tells what a free slot waits for, by what the runner sends later.
///
/// All tasks of a stage count as ready when its first one is sent.
///
/// # Arguments
///
/// * `slots`: the slots of the worker, which cannot run a stage whose tasks take more.
pub(super) fn timeline(record: &ProfileRecord, slots: u32) -> Timeline {
    let wall = record.wall_us;
    let stages = windows(record, |task| (task.query, Some(task.stage)));
    let queries = windows(record, |task| (task.query, None::<u32>));
    let fits = || stages.iter().filter(|stage| stage.width <= slots);
    let last_sent = stages.iter().map(|stage| stage.last_sent).max().unwrap_or(0);
    let last_for_slot = fits().map(|stage| stage.last_sent).max().unwrap_or(0);
    let last_returned = stages.iter().map(|stage| stage.last_returned).max().unwrap_or(0);
    let delivered = match stages.is_empty() {
        true => 0,
        false => record.delivered_us.unwrap_or(wall).min(wall),
    };

    let handed = fits().flat_map(|stage| [(stage.first_sent, 1, 0), (stage.last_sent, -1, 0)]);
    let run = queries.iter().flat_map(|all| [(all.first_sent, 0, 1), (all.last_returned, 0, -1)]);
    let others = [0, last_for_slot, last_returned, delivered].map(|time| (time, 0, 0));
    let mut events: Vec<(u64, i32, i32)> = handed.chain(run).chain(others).collect();
    events.sort_unstable();

    let mut all = Timeline::new();
    let (mut stages_handed_out, mut queries_running) = (0, 0);
    for group in events.chunk_by(|one, next| one.0 == next.0) {
        let time = group.first().map_or(0, |event| event.0);
        stages_handed_out += group.iter().map(|event| event.1).sum::<i32>();
        queries_running += group.iter().map(|event| event.2).sum::<i32>();
        let state = if stages_handed_out > 0 {
            State::HandOut
        } else if queries_running == 0 && time < last_sent {
            State::Planning
        } else if time < last_for_slot {
            State::Between
        } else if time < last_returned {
            State::Tail
        } else if time < delivered {
            State::Result
        } else {
            State::Other
        };
        if time < wall && all.last().is_none_or(|last| last.1 != state) {
            all.push((time, state));
        }
    }
    all
}

fn windows<K: Eq + std::hash::Hash>(
    record: &ProfileRecord,
    key: impl Fn(&TaskRecord) -> K,
) -> Vec<Window> {
    let mut all: HashMap<K, Window> = HashMap::new();
    for task in &record.tasks {
        let sent = task.sent_us.min(record.wall_us);
        let new = Window {
            first_sent: sent,
            last_sent: sent,
            last_returned: task.returned_us.clamp(sent, record.wall_us),
            width: task.slots.unwrap_or(1),
        };
        all.entry(key(task))
            .and_modify(|window| {
                window.first_sent = window.first_sent.min(new.first_sent);
                window.last_sent = window.last_sent.max(new.last_sent);
                window.last_returned = window.last_returned.max(new.last_returned);
                window.width = window.width.min(new.width);
            })
            .or_insert(new);
    }
    all.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(query: u32, stage: u32, sent_us: u64, returned_us: u64) -> TaskRecord {
        TaskRecord { query, stage, sent_us, returned_us, ..TaskRecord::default() }
    }

    fn record(tasks: Vec<TaskRecord>) -> ProfileRecord {
        ProfileRecord { wall_us: 100, delivered_us: Some(95), tasks, ..ProfileRecord::default() }
    }

    #[test]
    fn a_free_slot_waits_for_what_comes_next() {
        let two_stages = [
            task(0, 0, 10, 20),
            task(0, 0, 14, 30),
            task(0, 1, 40, 50),
            task(0, 1, 60, 65),
            task(0, 1, 62, 90),
        ];
        let expected = [
            (0, State::Planning),
            (10, State::HandOut),
            (14, State::Between),
            (40, State::HandOut),
            (62, State::Tail),
            (90, State::Result),
            (95, State::Other),
        ];
        assert_eq!(timeline(&record(two_stages.into()), 1), expected);
    }

    #[test]
    fn between_queries_nothing_has_tasks() {
        let two_queries = [task(0, 0, 10, 20), task(1, 0, 40, 90)];
        let expected = [
            (0, State::Planning),
            (10, State::Between),
            (20, State::Planning),
            (40, State::Tail),
            (90, State::Result),
            (95, State::Other),
        ];
        assert_eq!(timeline(&record(two_queries.into()), 1), expected);
    }

    #[test]
    fn a_slot_does_not_wait_for_tasks_that_are_too_wide_for_its_worker() {
        let wide = |sent| TaskRecord { slots: Some(4), ..task(0, 0, sent, 90) };
        let of = |slots| timeline(&record(vec![wide(10), wide(50)]), slots);
        assert_eq!(of(4).get(1), Some(&(10, State::HandOut)));
        assert_eq!(of(1).get(1), Some(&(10, State::Tail)));
    }

    #[test]
    fn without_tasks_nothing_has_a_name() {
        assert_eq!(timeline(&record(vec![]), 1), [(0, State::Other)]);
        assert_eq!(timeline(&ProfileRecord::default(), 1), []);
    }
}
