use crate::measured::MOST_SCHEDULED_WORKERS;

/// How many workers of a node stand behind one that Daft schedules tasks to, in a fleet of so many workers.
///
/// Daft's scheduler looks at all workers for each task (`scheduling/scheduler/default.rs`, 0.7.26). So a fleet
/// of thousands of narrow workers shows it groups of them.
pub fn group_size(fleet_workers: u64) -> u64 {
    fleet_workers.div_ceil(MOST_SCHEDULED_WORKERS).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_fleets_have_no_groups() {
        assert_eq!([0, 1, 512].map(group_size), [1; 3]);
        assert_eq!([513, 6400].map(group_size), [2, 13]);
        assert!(group_size(u64::MAX) > 1);
    }
}
