use crate::cost::fleet_size::{FleetSize, expected_us};
use crate::cost::references::{most_shuffled_within, shuffling_us};

/// The most tasks that a slot gets, so that unequal tasks even out. More would cost more overhead than they save:
/// the end of a query, when some slots have no task left, takes about half a task.
const MOST_TASKS_PER_SLOT: u64 = 10;

/// How long handing out all tasks may take, in microseconds, if it is not known how long the work takes.
const HAND_OUT_BUDGET_US: u64 = 500_000;

/// How long the references of shuffles may take, in microseconds, if it is not known how long the work takes.
const SHUFFLE_BUDGET_US: u64 = 1_000_000;

/// How many hundredths of a task each slot may have before Daft asks an autoscaler for nodes. Daft asks if more
/// tasks wait for each slot (`needs_autoscaling` in `scheduling/scheduler/default.rs`, 0.7.24), and it counts
/// before it hands the first ones out (`run` in `scheduler_actor.rs`), so tasks that will run at once count too.
const TASKS_PER_SLOT_BEFORE_GROWTH: u64 = 125;

/// How many tasks the scans of a query should have.
///
/// # Arguments
///
/// * `least`: the fewest tasks that are worth the fleet.
/// * `work_us`: how long the Python code of the query takes in all tasks together, in microseconds, if an earlier
///   query has shown it.
/// * `shuffles`: how often the rows of the tasks are shuffled.
pub(crate) fn tasks_for(fleet: FleetSize, least: u64, work_us: Option<u64>, shuffles: u64) -> u64 {
    let most = most_tasks(fleet);
    let Some(work_us) = work_us else {
        let affordable = HAND_OUT_BUDGET_US / fleet.hand_out_us().max(1);
        let shuffled = most_shuffled_within(fleet, shuffles, SHUFFLE_BUDGET_US);
        return most.min(affordable.max(fleet.slots)).min(shuffled);
    };
    let below = (0..u64::BITS).map(|power| 1 << power).take_while(|tasks| *tasks < fleet.slots);
    let above = (1..=MOST_TASKS_PER_SLOT).map(|each| fleet.slots.saturating_mul(each));
    let tried = below.chain(above).filter(|tasks| *tasks >= least);
    // Of equal costs the fewest tasks.
    let us = |tasks| {
        expected_us(fleet, work_us, tasks).saturating_add(shuffling_us(fleet, shuffles, tasks))
    };
    let of = |tasks: &u64| (us(*tasks), *tasks);
    tried.min_by_key(of).unwrap_or(most)
}

/// The most tasks that the slots of a fleet get.
pub(crate) fn most_tasks(fleet: FleetSize) -> u64 {
    fleet.slots.saturating_mul(MOST_TASKS_PER_SLOT)
}

/// The most tasks for which Daft asks no autoscaler for nodes.
pub(crate) fn most_without_growth(slots: u64) -> u64 {
    let hundredths = u128::from(slots) * u128::from(TASKS_PER_SLOT_BEFORE_GROWTH);
    u64::try_from(hundredths / 100).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: u64 = 1_000_000;

    fn of(slots: u64, work_us: Option<u64>) -> u64 {
        below(slots, work_us, 0)
    }

    /// Below so many shuffles.
    fn below(slots: u64, work_us: Option<u64>, shuffles: u64) -> u64 {
        tasks_for(FleetSize { workers: slots, slots }, 2, work_us, shuffles)
    }

    #[test]
    fn unknown_work_gets_ten_tasks_a_slot_while_they_are_handed_out_soon() {
        assert_eq!([1, 2, 4, 16].map(|slots| of(slots, None)), [10, 20, 40, 160]);
        assert!((192..=256).contains(&of(64, None)), "{}", of(64, None));
        assert_eq!(of(6400, None), 6400, "one for each slot");
        assert_eq!(of(0, None), 0);
    }

    #[test]
    fn known_work_gets_as_many_tasks_as_cost_least() {
        assert_eq!(of(64, Some(1000)), 2, "a millisecond of work");
        assert!((8..64).contains(&of(64, Some(S / 4))), "{}", of(64, Some(S / 4)));
        assert!((64..=192).contains(&of(64, Some(4 * S))), "{}", of(64, Some(4 * S)));
        assert_eq!(of(64, Some(64 * 3600 * S)), 640, "an hour for each slot");
        assert_eq!(of(4, Some(100 * S)), 40);
        assert_eq!(of(1, Some(0)), 2);
    }

    #[test]
    fn work_below_a_shuffle_gets_fewer_tasks() {
        assert_eq!([1, 2, 4, 64, 640].map(|slots| below(slots, None, 1)), [10, 20, 33, 51, 53]);
        assert_eq!(below(64, None, 2), 36);
        assert_eq!(below(64, Some(1000), 1), 2);
        assert_eq!(below(64, Some(64 * S), 1), 64);
        assert!(below(64, Some(3600 * 64 * S), 1) >= 320, "an hour for each slot");
        assert!(below(640, Some(640 * S), 1) < 256, "{}", below(640, Some(640 * S), 1));
    }

    #[test]
    fn no_node_is_asked_for_tasks_that_the_slots_can_take() {
        assert_eq!([0, 1, 2, 4, 64].map(most_without_growth), [0, 1, 2, 5, 80]);
        assert_eq!(most_without_growth(u64::MAX), u64::MAX);
    }
}
