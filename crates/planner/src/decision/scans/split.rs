use crate::decision::scans::makespan::even_split;

/// How many tasks each slot is to have, so that unequal ones even out: the end of a query, where some slots
/// have no task left, is some half a task long. A task costs time of its own, so there are no more.
pub(crate) const TASKS_PER_SLOT: u64 = 10;

/// How often scans are split in another way before what there is is taken.
const MOST_TRIES: usize = 4;

/// How large a task of a scan is to be next, in bytes, so that so many slots have a few tasks each; None
/// where it is well as it is, or cannot be better.
///
/// A file is split between its row groups, by their compressed bytes, while Daft's own estimate of a
/// scan may be of its rows in memory (`split_and_merge_pass`, Daft 0.7.24), so the first try can miss.
///
/// # Arguments
///
/// * `slots`: the tasks that run at once.
/// * `wanted`: about how many tasks there are to be.
/// * `bytes`, `tasks`: of the scan as it is.
/// * `tried`: the sizes that were tried, in their order, with the tasks that each gave.
/// * `row_groups`: of each file of the scan the compressed bytes of its row groups; empty where they are not
///   known. With them the first try is meant to hit.
pub fn next_split(
    slots: u64,
    wanted: u64,
    bytes: u64,
    tasks: u64,
    tried: &[(u64, u64)],
    row_groups: &[Vec<u64>],
) -> Option<u64> {
    if tasks < slots
        && tried.len() <= 1
        && let Some(even) = even_split(slots, wanted, row_groups)
    {
        if tried.is_empty() {
            return Some(even.0);
        }
        if tried == [even] {
            return None;
        }
    }
    let Some((size, got)) = tried.last().copied() else {
        return (tasks < slots && bytes > 0).then(|| (bytes / wanted.max(1)).max(1));
    };
    let before = tried.iter().rev().nth(1).map_or(tasks, |(_, tasks)| *tasks);
    // Fewer than slots would leave some without work.
    let enough = (wanted / 2).max(slots.min(wanted));
    if tried.len() >= MOST_TRIES || (enough..=wanted.saturating_mul(2)).contains(&got) {
        return None;
    }
    if got < wanted && (got == before && tried.len() > 1 || size <= 1) {
        return None; // Every row group is a task already.
    }
    let next = u128::from(size) * u128::from(got) / u128::from(wanted.max(1));
    let next = u64::try_from(next).unwrap_or(u64::MAX).max(1);
    (next != size).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(slots: u64, bytes: u64, tasks: u64, tried: &[(u64, u64)]) -> Option<u64> {
        next_split(slots, 10 * slots, bytes, tasks, tried, &[])
    }

    #[test]
    fn what_has_tasks_enough_is_left_as_it_is() {
        assert_eq!(next(4, 1000, 4, &[]), None);
        assert_eq!(next(4, 0, 1, &[]), None);
    }

    #[test]
    fn the_first_try_is_by_daft_s_estimate() {
        assert_eq!(next(4, 4000, 1, &[]), Some(100));
        assert_eq!(next(4, 4000, 1, &[(100, 40)]), None);
        assert_eq!(next(4, 3, 1, &[]), Some(1));
    }

    #[test]
    fn an_estimate_that_misses_is_corrected() {
        assert_eq!(next(4, 4000, 1, &[(100, 4)]), Some(10));
        assert_eq!(next(4, 4000, 1, &[(100, 4), (10, 28)]), None);
        assert_eq!(next(4, 4000, 1, &[(100, 320)]), Some(800));
    }

    #[test]
    fn no_slot_is_left_without_work_if_as_many_tasks_are_wanted() {
        assert_eq!(next_split(64, 64, 6400, 1, &[(100, 32)], &[]), Some(50));
        assert_eq!(next_split(64, 64, 6400, 1, &[(100, 32), (50, 64)], &[]), None);
        assert_eq!(next_split(64, 64, 6400, 1, &[(100, 128)], &[]), None);
    }

    #[test]
    fn what_cannot_be_split_ends_it() {
        // The first try may have been too coarse by far; the second tells.
        assert_eq!(next(4, 4000, 1, &[(100, 1)]), Some(2));
        assert_eq!(next(4, 4000, 1, &[(100, 1), (2, 1)]), None);
        assert_eq!(next(4, 4000, 1, &[(100, 6), (15, 6)]), None);
        assert_eq!(next(4, 4000, 1, &[(1, 1)]), None);
        assert_eq!(next(4, 1, 1, &[(8, 200), (50, 1), (8, 200), (50, 1)]), None);
    }

    #[test]
    fn known_row_groups_hit_at_once() {
        let groups = [vec![100; 42]];
        // Of the estimate, 9000 bytes, it would be 450, which is 5 row groups.
        assert_eq!(next_split(2, 20, 9000, 1, &[], &groups), Some(210));
        assert_eq!(next_split(2, 20, 9000, 1, &[(210, 14)], &groups), None);
        assert_eq!(next_split(2, 20, 9000, 2, &[], &groups), None, "it has tasks enough");
        assert_eq!(
            next_split(2, 20, 9000, 1, &[(210, 2)], &groups),
            Some(21),
            "Daft cut otherwise"
        );
        // Few row groups are not tried finer.
        let few = [vec![100; 6]];
        let size = next_split(2, 20, 9000, 1, &[], &few).expect("a size");
        assert_eq!(next_split(2, 20, 9000, 1, &[(size, 6)], &few), None);
    }
}
