/// What is known of the tasks of a node that use the same classes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Demand {
    /// How many tasks wait for a worker that has the instances.
    pub(crate) waiting: u32,
    /// How many tasks the node has to do still, the waiting ones among them; None if that is not known.
    pub(crate) left: Option<u32>,
    /// How many tasks the workers that have the instances, or build them, run at once.
    pub(crate) slots: u32,
    /// How many tasks the workers of the node run at once.
    pub(crate) all_slots: u32,
    /// How long a task takes on a worker that has the instances, in seconds; for a task that has not ended yet,
    /// how long it has taken so far.
    pub(crate) task_seconds: f64,
    /// How long tasks have waited since an instance was there, in seconds.
    pub(crate) waited_seconds: f64,
}

impl Demand {
    /// Whether one more worker should build instances, which takes `build_seconds`.
    ///
    /// It should if the tasks that are left would otherwise take longer than that. If it is not known how many
    /// will follow the waiting ones, it should as well as soon as tasks have waited for as long as building
    /// takes: then at most twice the time is lost that the best choice would have needed. If it is known, the
    /// count may still be wrong, or the first tasks shorter than the others, so it should after some more time.
    pub(crate) fn pays(self, build_seconds: f64) -> bool {
        let patience = if self.left.is_some() { PATIENCE_IF_KNOWN } else { 1.0 };
        self.ahead(self.slots) > build_seconds || self.waited_seconds >= patience * build_seconds
    }

    /// Whether one more worker should build instances while the first ones still build theirs, so that all are
    /// ready at the same time.
    ///
    /// It should as long as the query would otherwise take noticeably longer than if all workers had them.
    pub(crate) fn pays_at_once(self, build_seconds: f64) -> bool {
        let takes = |slots| build_seconds + self.ahead(slots);
        takes(self.slots) > NOTICED * takes(self.all_slots)
    }

    /// How long so many slots need for the tasks that are left, in seconds.
    fn ahead(self, slots: u32) -> f64 {
        let tasks = self.left.unwrap_or(0).max(self.waiting);
        f64::from(tasks) * self.task_seconds / f64::from(slots.max(1))
    }
}

/// A query that takes this many times as long is noticeably slower.
const NOTICED: f64 = 1.1;

/// For how many times of a build tasks wait at most if it is known how many are left.
const PATIENCE_IF_KNOWN: f64 = 3.0;

#[cfg(test)]
mod tests {
    use super::*;

    const DEMAND: Demand = Demand {
        waiting: 3,
        left: None,
        slots: 1,
        all_slots: 4,
        task_seconds: 0.1,
        waited_seconds: 0.0,
    };

    #[test]
    fn a_further_instance_pays_if_the_waiting_tasks_take_longer_than_building_it() {
        assert!(!DEMAND.pays(2.0), "a small query ends before");
        assert!(DEMAND.pays(0.2));
        assert!(Demand { waiting: 63, ..DEMAND }.pays(2.0));
        assert!(!Demand { waiting: 63, slots: 4, ..DEMAND }.pays(2.0), "four do enough");
        assert!(Demand { task_seconds: 1.0, ..DEMAND }.pays(2.0));
    }

    #[test]
    fn the_tasks_that_are_left_count() {
        assert!(Demand { left: Some(30), ..DEMAND }.pays(2.0));
        let few = Demand { left: Some(19), waited_seconds: 5.9, ..DEMAND };
        assert!(!few.pays(2.0), "one worker does them in 1.9 s");
        assert!(Demand { waited_seconds: 6.0, ..few }.pays(2.0), "it did not");
    }

    #[test]
    fn it_pays_once_tasks_have_waited_for_as_long_as_building_takes() {
        assert!(!Demand { waited_seconds: 1.9, ..DEMAND }.pays(2.0));
        assert!(Demand { waited_seconds: 2.0, ..DEMAND }.pays(2.0));
        assert!(DEMAND.pays(0.0), "an instance that costs no time");
    }

    #[test]
    fn as_many_build_at_once_as_the_query_would_notice() {
        let at_once = |tasks: u32, all_slots: u32| {
            let more = |slots: &u32| {
                let left = Some(tasks);
                Demand { waiting: 0, left, slots: *slots, all_slots, ..DEMAND }.pays_at_once(2.0)
            };
            1 + (1..all_slots).take_while(more).count()
        };
        assert_eq!(at_once(1, 4), 1);
        assert_eq!(at_once(10, 4), 3, "1 s of work and 2 s of building");
        assert_eq!(at_once(1_000, 4), 4);
        assert_eq!(at_once(640, 64), 50, "1 s of work on all of them");
        assert_eq!(at_once(20, 64), 9);
    }
}
