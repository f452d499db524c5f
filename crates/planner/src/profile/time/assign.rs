use super::placed::Placed;
use crate::profile::record::TaskRecord;

/// The most slots of a worker that are told apart.
const MOST_LANES: usize = 1024;

/// Deals the tasks of a worker to its slots, so that no two of a slot overlap.
///
/// A task takes the first slot that is free when it is sent. If none is, it was queued in the worker: it takes
/// the slot that is free first, and its time begins there. If the worker says that it worked on more tasks at
/// once than it has slots, as with tasks that take a part of a CPU, slots are added.
///
/// # Arguments
///
/// * `slots`: how many tasks the worker runs at once.
/// * `tasks`: its tasks with their places in the record.
pub(super) fn assign(slots: u32, tasks: &[(usize, &TaskRecord)], wall_us: u64) -> Vec<Vec<Placed>> {
    let least = usize::from(!tasks.is_empty());
    let slots = (slots as usize).clamp(least, MOST_LANES);
    let mut lanes = vec![Vec::new(); slots];
    let mut sorted: Vec<(Placed, &TaskRecord)> =
        tasks.iter().map(|(place, task)| (Placed::of(*place, task, wall_us), *task)).collect();
    sorted.sort_by_key(|(placed, _)| (placed.sent, placed.begun, placed.returned, placed.task));
    for (placed, task) in sorted {
        match (task.slots.unwrap_or(1).max(1) as usize).min(slots) {
            1 => put(&mut lanes, placed, task.begun_us.is_some(), slots),
            width => put_wide(&mut lanes, placed, width),
        }
    }
    lanes
}

fn put(lanes: &mut Vec<Vec<Placed>>, new: Placed, says_begun: bool, slots: usize) {
    if let Some(lane) = lanes.iter_mut().find(|lane| free_at(lane) <= new.sent) {
        return lane.push(new);
    }
    let Some(lane) = lanes.iter_mut().min_by_key(|lane| free_at(lane)) else { return };
    let free = free_at(lane);
    if free <= new.begun {
        return lane.push(Placed { sent: free, ..new });
    }
    // The result of the task before was on its way when the worker began this one.
    if let Some(lane) = lanes.iter_mut().find(|lane| done_at(lane) <= new.begun) {
        if let Some(last) = lane.last_mut() {
            last.returned = new.begun;
        }
        return lane.push(Placed { sent: new.begun, ..new });
    }
    if says_begun && lanes.len() < (4 * slots).clamp(64, MOST_LANES) {
        return lanes.push(vec![new]);
    }
    if let Some(lane) = lanes.iter_mut().min_by_key(|lane| free_at(lane)) {
        lane.push(new.from(free));
    }
}

/// Puts a task on several slots at once.
fn put_wide(lanes: &mut [Vec<Placed>], new: Placed, width: usize) {
    let mut order: Vec<usize> = (0..lanes.len()).collect();
    order.sort_by_key(|place| (lanes.get(*place).map_or(0, |lane| free_at(lane)), *place));
    order.truncate(width);
    let free = order.iter().filter_map(|place| lanes.get(*place)).map(|lane| free_at(lane)).max();
    let placed = new.from(free.unwrap_or(0));
    for place in order {
        if let Some(lane) = lanes.get_mut(place) {
            lane.push(placed);
        }
    }
}

fn free_at(lane: &[Placed]) -> u64 {
    lane.last().map_or(0, |last| last.returned)
}

fn done_at(lane: &[Placed]) -> u64 {
    lane.last().map_or(0, |last| last.ended)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(sent: u64, begun: u64, ended: u64, returned: u64) -> TaskRecord {
        TaskRecord {
            sent_us: sent,
            begun_us: Some(begun),
            ended_us: Some(ended),
            returned_us: returned,
            ..TaskRecord::default()
        }
    }

    fn unsaid(sent: u64, returned: u64) -> TaskRecord {
        TaskRecord { sent_us: sent, returned_us: returned, ..TaskRecord::default() }
    }

    /// Each slot's tasks as place, sent, begun, ended, returned.
    fn dealt(slots: u32, tasks: &[TaskRecord]) -> Vec<Vec<[u64; 5]>> {
        let tasks: Vec<_> = tasks.iter().enumerate().collect();
        let figures = |p: &Placed| [p.task as u64, p.sent, p.begun, p.ended, p.returned];
        let lanes = assign(slots, &tasks, 100);
        lanes.iter().map(|lane| lane.iter().map(figures).collect()).collect()
    }

    #[test]
    fn a_task_takes_the_first_free_slot() {
        let tasks = [task(0, 1, 9, 10), task(0, 1, 4, 5), task(5, 6, 8, 9), task(20, 21, 22, 23)];
        let expected =
            [vec![[1, 0, 1, 4, 5], [2, 5, 6, 8, 9], [3, 20, 21, 22, 23]], vec![[0, 0, 1, 9, 10]]];
        assert_eq!(dealt(2, &tasks), expected);
    }

    #[test]
    fn a_queued_task_begins_when_the_slot_is_free() {
        assert_eq!(
            dealt(1, &[unsaid(0, 10), unsaid(0, 20), unsaid(0, 20)]),
            [[[0, 0, 0, 10, 10], [1, 10, 10, 20, 20], [2, 20, 20, 20, 20]]]
        );
        assert_eq!(
            dealt(1, &[task(0, 1, 9, 12), task(0, 13, 15, 16)]),
            [[[0, 0, 1, 9, 12], [1, 12, 13, 15, 16]]]
        );
        assert_eq!(
            dealt(1, &[task(0, 1, 9, 12), task(0, 10, 15, 16)]),
            [[[0, 0, 1, 9, 10], [1, 10, 10, 15, 16]]]
        );
    }

    #[test]
    fn slots_are_added_for_what_a_worker_did_at_once() {
        let both = [task(0, 1, 9, 10), task(0, 2, 8, 10)];
        assert_eq!(dealt(1, &both), [[[0, 0, 1, 9, 10]], [[1, 0, 2, 8, 10]]]);
        assert_eq!(dealt(0, &both).len(), 2);
        assert_eq!(dealt(0, &[]).len(), 0);
        assert_eq!(dealt(u32::MAX, &both).len(), MOST_LANES);
    }

    #[test]
    fn a_wide_task_takes_several_slots() {
        let wide = TaskRecord { slots: Some(2), ..task(5, 6, 8, 9) };
        let after = TaskRecord { slots: Some(9), ..task(9, 10, 11, 12) };
        let all = dealt(3, &[task(0, 1, 6, 7), wide, after]);
        let last = [2, 9, 10, 11, 12];
        let expected =
            [vec![[0, 0, 1, 6, 7], last], vec![[1, 5, 6, 8, 9], last], vec![[1, 5, 6, 8, 9], last]];
        assert_eq!(all, expected);
    }

    #[test]
    fn odd_times_are_put_in_order() {
        let tasks = [task(50, 40, 20, 10), task(90, 95, 300, 400)];
        assert_eq!(dealt(1, &tasks), [[[0, 50, 50, 50, 50], [1, 90, 95, 100, 100]]]);
    }
}
