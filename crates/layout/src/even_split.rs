use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// How many sizes are held against each other.
const SIZES: u64 = 20;

/// The fewest tasks that are tried, in tenths of the most. With half of them a slot that is slower than the
/// others by a tenth would cost more at the end of a query than the tasks that are saved.
const FEWEST_TENTHS: u64 = 7;

/// Of the sizes that were held against each other, those whose tasks end at most one part in so many after the
/// earliest end are as good as it. The one of the fewest tasks is taken, since a task costs time of its own.
const AS_GOOD: u64 = 100;

/// The size of a task, in bytes, whose tasks end closest together, with the tasks that it gives; None where
/// there are no row groups.
///
/// A slot without a task takes the next one, as Flotilla gives them out, and a task takes the longer the more
/// bytes it has. Where the last tasks end decides how long slots are idle, and sizes that are nearly the same
/// can differ in it by half a task.
///
/// # Arguments
///
/// * `slots`: the tasks that run at once.
/// * `most`: the most tasks of a slot, on average.
/// * `files`: of each file the compressed bytes of its row groups, in their order.
pub(crate) fn even_split(slots: u64, most: u64, files: &[Vec<u64>]) -> Option<(u64, u64)> {
    let bytes = files.iter().flatten().fold(0_u64, |sum, bytes| sum.saturating_add(*bytes));
    let most = slots.saturating_mul(most);
    if bytes == 0 || most == 0 {
        return None;
    }
    let least = (most / 10).saturating_mul(FEWEST_TENTHS).max(1);
    let found: Vec<(u64, u64, u64)> = (0..=SIZES)
        .map(|step| {
            let wanted = least + (most - least).saturating_mul(step) / SIZES;
            let size = (bytes / wanted).max(1);
            let tasks: Vec<u64> = files.iter().flat_map(|file| cut(file, size)).collect();
            (end(slots, &tasks), u64::try_from(tasks.len()).unwrap_or(u64::MAX), size)
        })
        .collect();
    let earliest = found.iter().map(|(end, ..)| *end).min()?;
    found
        .iter()
        .filter(|(end, ..)| *end <= earliest.saturating_add(earliest / AS_GOOD))
        .map(|(_, tasks, size)| (*size, *tasks))
        .min_by_key(|(_, tasks)| *tasks)
}

/// The bytes of the tasks that Daft makes of a file: row groups are added until there is enough
/// (`split_by_row_groups`, Daft 0.7.26).
fn cut(file: &[u64], enough: u64) -> Vec<u64> {
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

/// When the last slot is done, in bytes that it has worked on.
fn end(slots: u64, tasks: &[u64]) -> u64 {
    // What has no task is idle from the start, and ends nothing.
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

    /// When the tasks of that size end.
    fn end_at(slots: u64, files: &[Vec<u64>], size: u64) -> u64 {
        end(slots, &files.iter().flat_map(|file| cut(file, size)).collect::<Vec<_>>())
    }

    #[test]
    fn a_task_takes_row_groups_until_it_has_enough() {
        assert_eq!(cut(&[4, 4, 4], 8), [8, 4]);
        assert_eq!(cut(&[4, 5, 4], 8), [9, 4], "enough is at least that much");
        assert_eq!(cut(&[4, 4, 4], 1), [4, 4, 4]);
        assert_eq!(cut(&[9], 4), [9]);
        assert_eq!(cut(&[], 4), [0; 0]);
    }

    #[test]
    fn a_free_slot_takes_the_next_task() {
        assert_eq!(end(2, &[3, 1, 1, 4]), 6);
        assert_eq!(end(8, &[3, 1]), 3);
        assert_eq!(end(2, &[]), 0);
    }

    #[test]
    fn tasks_that_end_together_win() {
        // With four row groups a task, an eleventh would be left for one slot while the other is idle.
        let equal = [vec![10; 44]];
        let (size, tasks) = even_split(2, 10, &equal).expect("a size");
        assert_eq!((end_at(2, &equal, size), tasks), (230, 15));
        assert_eq!(end_at(2, &equal, 440 / 14), 240);
        // A large row group near the end: no other size of so many tasks ends much earlier.
        let mut unequal = vec![10; 60];
        unequal.extend([100, 60]);
        let unequal = [unequal];
        let (size, _) = even_split(2, 10, &unequal).expect("a size");
        for other in 38..=54 {
            let best = end_at(2, &unequal, size);
            assert!(
                best <= end_at(2, &unequal, other) * 101 / 100,
                "{other} is better than {size}"
            );
        }
    }

    #[test]
    fn of_as_good_ones_the_fewest_tasks_win() {
        assert_eq!(even_split(2, 10, &[vec![1000; 80]]), Some((5000, 16)));
        assert_eq!(even_split(2, 10, &[vec![7; 6]]).map(|(_, tasks)| tasks), Some(6));
    }

    #[test]
    fn what_has_no_bytes_is_left() {
        assert_eq!(even_split(2, 10, &[]), None);
        assert_eq!(even_split(2, 10, &[vec![0, 0]]), None);
        assert_eq!(even_split(0, 10, &[vec![5]]), None);
        assert!(even_split(u64::MAX, 10, &[vec![u64::MAX, u64::MAX]]).is_some());
    }
}
