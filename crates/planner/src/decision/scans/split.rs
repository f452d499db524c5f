use crate::decision::scans::makespan::even_split;

/// How many sizes are tried before the last one is taken.
const MOST_TRIES: usize = 4;

/// How large a task of a scan should be next, in bytes, so that each slot has several tasks; None if the scan
/// is good as it is, or cannot get better.
///
/// Daft splits a file between its row groups, by their compressed bytes, but Daft's estimate of a scan may
/// count its rows in memory (`split_and_merge_pass`, Daft 0.7.24), so the first try can miss.
///
/// # Arguments
///
/// * `slots`: the tasks that run at once.
/// * `wanted`: about how many tasks there should be.
/// * `most`: more tasks than this are too many, even if fewer than twice as many as are wanted.
/// * `bytes`, `tasks`: the size of the scan and its tasks as they are.
/// * `tried`: the sizes that were tried, in order, with the tasks that each gave.
/// * `row_groups`: for each file of the scan the compressed bytes of its row groups; empty if they are unknown.
///   If they are known, the first try should hit.
pub fn next_split(
    slots: u64,
    wanted: u64,
    most: u64,
    bytes: u64,
    tasks: u64,
    tried: &[(u64, u64)],
    row_groups: &[Vec<u64>],
) -> Option<u64> {
    // More tasks than this need no split.
    let few = slots.min(wanted);
    if tasks < few
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
        return (tasks < few && bytes > 0).then(|| (bytes / wanted.max(1)).max(1));
    };
    let before = tried.iter().rev().nth(1).map_or(tasks, |(_, tasks)| *tasks);
    // Fewer tasks than slots would leave slots without work, unless that costs least.
    let near = if wanted < slots {
        wanted.div_ceil(2)..=wanted.saturating_add(wanted / 2)
    } else {
        (wanted / 2).max(few)..=wanted.saturating_mul(2)
    };
    if tried.len() >= MOST_TRIES || near.contains(&got) && got <= most {
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
        next_split(slots, 10 * slots, u64::MAX, bytes, tasks, tried, &[])
    }

    #[test]
    fn a_scan_with_enough_tasks_is_not_split() {
        assert_eq!(next(4, 1000, 4, &[]), None);
        assert_eq!(next(4, 0, 1, &[]), None);
    }

    #[test]
    fn about_as_many_tasks_as_cost_least_are_enough() {
        let after = |got| next_split(64, 36, u64::MAX, 3600, 1, &[(100, got)], &[]);
        assert_eq!([18, 36, 54].map(after), [None; 3]);
        assert!(after(17).is_some_and(|next| next < 100));
        assert!(after(64).is_some_and(|next| next > 100));
        assert_eq!(next_split(64, 36, u64::MAX, 3600, 36, &[], &[]), None);
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
        let next = |tried: &[_]| next_split(64, 64, u64::MAX, 6400, 1, tried, &[]);
        assert_eq!(next(&[(100, 32)]), Some(50));
        assert_eq!(next(&[(100, 32), (50, 64)]), None);
        assert_eq!(next(&[(100, 128)]), None);
    }

    #[test]
    fn too_many_tasks_are_made_fewer() {
        let next = |tried: &[_]| next_split(64, 64, 80, 6400, 1, tried, &[]);
        assert_eq!(next(&[(100, 128)]), Some(200));
        assert_eq!(next(&[(100, 128), (200, 64)]), None);
        assert_eq!(next(&[(100, 80)]), None);
    }

    #[test]
    fn a_scan_that_cannot_be_split_ends_the_search() {
        // The first try may have been far too coarse; the second one shows it.
        assert_eq!(next(4, 4000, 1, &[(100, 1)]), Some(2));
        assert_eq!(next(4, 4000, 1, &[(100, 1), (2, 1)]), None);
        assert_eq!(next(4, 4000, 1, &[(100, 6), (15, 6)]), None);
        assert_eq!(next(4, 4000, 1, &[(1, 1)]), None);
        assert_eq!(next(4, 1, 1, &[(8, 200), (50, 1), (8, 200), (50, 1)]), None);
    }

    #[test]
    fn known_row_groups_hit_at_once() {
        let groups = [vec![100; 42]];
        // By the estimate of 9000 bytes the size would be 450, which is 5 row groups.
        assert_eq!(next_split(2, 20, u64::MAX, 9000, 1, &[], &groups), Some(210));
        assert_eq!(next_split(2, 20, u64::MAX, 9000, 1, &[(210, 14)], &groups), None);
        assert_eq!(next_split(2, 20, u64::MAX, 9000, 2, &[], &groups), None, "it has tasks enough");
        assert_eq!(
            next_split(2, 20, u64::MAX, 9000, 1, &[(210, 2)], &groups),
            Some(21),
            "Daft split the file in another way"
        );
        // A file of few row groups is not tried with a finer size.
        let few = [vec![100; 6]];
        let size = next_split(2, 20, u64::MAX, 9000, 1, &[], &few).expect("a size");
        assert_eq!(next_split(2, 20, u64::MAX, 9000, 1, &[(size, 6)], &few), None);
    }
}
