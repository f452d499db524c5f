use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// How many task counts are tried between the fewest and the most.
const STEPS: u64 = 20;

/// The fewest and the most tasks that are tried, in tenths of those wanted. With far fewer tasks, one slow slot
/// would cost more at the end of a query than the saved tasks.
const TENTHS: (u64, u64) = (8, 12);

/// Finds the size of a task, in bytes, with which the slots finish closest together, and how many tasks it
/// gives; None if there are no row groups.
///
/// An idle slot takes the next task, as Flotilla assigns them, and a task takes longer the more bytes it has.
/// When the last tasks end decides how long slots are idle, and sizes that are nearly the same can differ in
/// this by half a task.
///
/// # Arguments
///
/// * `slots`: the tasks that run at once.
/// * `wanted`: about how many tasks there should be.
/// * `files`: for each file the compressed bytes of its row groups, in their order.
pub(crate) fn even_split(slots: u64, wanted: u64, files: &[Vec<u64>]) -> Option<(u64, u64)> {
    let bytes = files.iter().flatten().fold(0_u64, |sum, bytes| sum.saturating_add(*bytes));
    if bytes == 0 {
        return None;
    }
    let tenths = |tenths: u64| u64::try_from(u128::from(wanted) * u128::from(tenths) / 10);
    // Fewer tasks than slots would leave slots without work.
    let least = tenths(TENTHS.0).unwrap_or(u64::MAX).max(slots.min(wanted));
    let most = tenths(TENTHS.1).unwrap_or(u64::MAX).max(least);
    (0..=STEPS)
        .map(|step| {
            let tasks = least + (most - least).saturating_mul(step) / STEPS;
            let size = (bytes / tasks.max(1)).max(1);
            let tasks: Vec<u64> = files.iter().flat_map(|file| tasks_of(file, size)).collect();
            (end(slots, &tasks), tasks.len(), size)
        })
        .min()
        .and_then(|(_, tasks, size)| Some((size, u64::try_from(tasks).ok()?)))
}

/// The bytes of each task that Daft makes of a file: Daft adds row groups until the task has enough
/// (`split_by_row_groups`, Daft 0.7.26).
fn tasks_of(file: &[u64], enough: u64) -> Vec<u64> {
    let mut tasks = Vec::new();
    let mut task = 0_u64;
    for (index, bytes) in file.iter().enumerate() {
        task = task.saturating_add(*bytes);
        if task >= enough || index + 1 == file.len() {
            tasks.push(std::mem::take(&mut task));
        }
    }
    tasks
}

/// When the last slot is done, in bytes that it has processed.
fn end(slots: u64, tasks: &[u64]) -> u64 {
    // A slot without a task is idle from the start and does not count.
    let slots = slots.min(u64::try_from(tasks.len()).unwrap_or(u64::MAX));
    let mut busy: BinaryHeap<Reverse<u64>> = (0..slots).map(|_| Reverse(0)).collect();
    let mut last = 0;
    for task in tasks {
        let Some(Reverse(until)) = busy.pop() else { break };
        let until = until.saturating_add(*task);
        last = last.max(until);
        busy.push(Reverse(until));
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When the tasks of this size end.
    fn end_at(slots: u64, files: &[Vec<u64>], size: u64) -> u64 {
        end(slots, &files.iter().flat_map(|file| tasks_of(file, size)).collect::<Vec<_>>())
    }

    #[test]
    fn a_task_takes_row_groups_until_it_has_enough() {
        assert_eq!(tasks_of(&[4, 4, 4], 8), [8, 4]);
        assert_eq!(tasks_of(&[4, 5, 4], 8), [9, 4], "enough is at least that much");
        assert_eq!(tasks_of(&[4, 4, 4], 1), [4, 4, 4]);
        assert_eq!(tasks_of(&[9], 4), [9]);
        assert_eq!(tasks_of(&[], 4), [0; 0]);
    }

    #[test]
    fn a_free_slot_takes_the_next_task() {
        assert_eq!(end(2, &[3, 1, 1, 4]), 6);
        assert_eq!(end(8, &[3, 1]), 3);
        assert_eq!(end(2, &[]), 0);
    }

    #[test]
    fn tasks_that_end_together_win() {
        // With two row groups per task, one slot would run the last task while the other is idle.
        let equal = [vec![10; 42]];
        let (size, tasks) = even_split(2, 20, &equal).expect("a size");
        assert_eq!((end_at(2, &equal, size), tasks), (210, 14));
        assert_eq!(end_at(2, &equal, 20), 220);
        // With a large row group near the end, no other size of about as many tasks ends earlier.
        let mut unequal = vec![10; 60];
        unequal.extend([100, 60]);
        let unequal = [unequal];
        let (size, _) = even_split(2, 20, &unequal).expect("a size");
        for other in 31..=47 {
            let (best, other_end) = (end_at(2, &unequal, size), end_at(2, &unequal, other));
            assert!(best <= other_end, "{other} is better than {size}");
        }
    }

    #[test]
    fn among_equal_ends_the_fewest_tasks_win() {
        assert_eq!(even_split(2, 20, &[vec![1000; 80]]), Some((4210, 16)));
        assert_eq!(even_split(2, 20, &[vec![7; 6]]).map(|(_, tasks)| tasks), Some(6));
    }

    #[test]
    fn as_many_tasks_as_slots_leave_none_idle() {
        assert_eq!(even_split(4, 4, &[vec![10; 40]]), Some((100, 4)));
        assert_eq!(even_split(3, 3, &[vec![10; 40]]).map(|(_, tasks)| tasks), Some(3));
    }

    #[test]
    fn files_without_bytes_have_no_split() {
        assert_eq!(even_split(2, 20, &[]), None);
        assert_eq!(even_split(2, 20, &[vec![0, 0]]), None);
        assert!(even_split(0, 0, &[vec![5]]).is_some());
        assert!(even_split(u64::MAX, u64::MAX, &[vec![u64::MAX, u64::MAX]]).is_some());
    }
}
