use crate::cost::group_size::group_size;
use crate::measured::{HAND_OUT_US, SCHEDULED_NS_PER_WORKER, TASK_OVERHEAD_MS};

/// The size of a fleet: what the cost of a query's tasks depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FleetSize {
    /// The workers of the fleet. Daft's scheduler sees groups of them if they are many.
    pub workers: u64,
    /// How many tasks run at once.
    pub slots: u64,
}

/// The expected time of a query's tasks, in microseconds, by its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// The time in which the slots work, if they never wait: the work and the overhead of the tasks, divided
    /// among the slots.
    pub working_us: u64,
    /// The time until the runner has handed out the last task. One thread hands out the tasks of a fleet.
    pub handing_out_us: u64,
    /// What the end of the query adds, when some slots have no task left: half a task, because tasks differ.
    pub uneven_us: u64,
}

impl FleetSize {
    /// The CPU time in which the runner hands out one task and takes its result, in microseconds.
    ///
    /// Daft's scheduler looks at all groups of workers for each task.
    pub fn hand_out_us(self) -> u64 {
        let groups = self.workers.div_ceil(group_size(self.workers));
        HAND_OUT_US + groups * SCHEDULED_NS_PER_WORKER / 1000
    }

    /// What so many tasks of about the same length cost, which have `work_us` microseconds of work together.
    pub fn cost(self, work_us: u64, tasks: u64) -> Cost {
        let tasks = tasks.max(1);
        let busy = tasks.min(self.slots).max(1);
        let overhead = tasks.saturating_mul(TASK_OVERHEAD_MS * 1000);
        Cost {
            working_us: work_us.saturating_add(overhead) / busy,
            handing_out_us: tasks.saturating_mul(self.hand_out_us()),
            uneven_us: work_us / tasks / 2,
        }
    }
}

impl Cost {
    /// The expected time of the query, in microseconds.
    ///
    /// Slots that work wait for the first tasks of all slots to be handed out, which takes `ramp_us`; if
    /// handing out takes longer than the work, they wait for that, and the last task still has to run.
    fn total_us(self, ramp_us: u64, task_us: u64) -> u64 {
        let slots_wait = self.working_us.saturating_add(ramp_us);
        let runner_waits = self.handing_out_us.saturating_add(task_us);
        slots_wait.max(runner_waits).saturating_add(self.uneven_us)
    }
}

/// The expected time of a query in so many tasks, in microseconds.
///
/// # Arguments
///
/// * `work_us`: the work of all tasks together, without their overhead.
pub fn expected_us(fleet: FleetSize, work_us: u64, tasks: u64) -> u64 {
    let ramp = tasks.min(fleet.slots).saturating_mul(fleet.hand_out_us());
    fleet.cost(work_us, tasks).total_us(ramp, work_us / tasks.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: u64 = 1_000_000;

    fn fleet(workers: u64) -> FleetSize {
        FleetSize { workers, slots: workers }
    }

    #[test]
    fn work_is_divided_among_the_slots() {
        let cost = fleet(4).cost(40 * S, 40);
        assert_eq!(cost.working_us / 1000, 10_160, "ten seconds, and 40 overheads on 4 slots");
        assert_eq!(cost.uneven_us, S / 2);
        assert!(expected_us(fleet(8), 40 * S, 40) < expected_us(fleet(4), 40 * S, 40));
    }

    #[test]
    fn many_tasks_take_long_to_hand_out() {
        let cost = fleet(256).cost(256 * S, 2560);
        assert!(cost.handing_out_us > 4 * cost.working_us, "{cost:?}");
        assert!(expected_us(fleet(256), 256 * S, 2560) > expected_us(fleet(256), 256 * S, 512));
    }

    #[test]
    fn each_task_costs_more_with_more_workers_until_they_are_grouped() {
        assert!(fleet(500).hand_out_us() > fleet(4).hand_out_us());
        assert!(fleet(6400).hand_out_us() < fleet(100).hand_out_us() * 13 / 10);
        let wide = FleetSize { workers: 100, slots: 6400 };
        assert!(wide.hand_out_us() < fleet(6400).hand_out_us());
    }

    #[test]
    fn extreme_numbers_do_not_overflow() {
        let most = u64::MAX;
        for (workers, slots) in [(most, most), (0, 0)] {
            let fleet = FleetSize { workers, slots };
            expected_us(fleet, most, most);
            expected_us(fleet, 0, 0);
        }
    }
}
