/// What is known of the tasks of a node that use the same classes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Demand {
    /// How many tasks wait for a worker that has the instances.
    pub(crate) waiting: u32,
    /// How many tasks the node has to do still, the waiting ones among them; None if that is not known.
    pub(crate) left: Option<u32>,
    /// How many tasks the workers that have the instances, or build them, run at once.
    pub(crate) slots: u32,
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
        let Self { waiting, left, slots, task_seconds, waited_seconds } = self;
        let tasks = left.unwrap_or(0).max(waiting);
        let ahead = f64::from(tasks) * task_seconds / f64::from(slots.max(1));
        let patience = if left.is_some() { PATIENCE_IF_KNOWN } else { 1.0 };
        ahead > build_seconds || waited_seconds >= patience * build_seconds
    }
}

/// For how many times of a build tasks wait at most if it is known how many are left.
const PATIENCE_IF_KNOWN: f64 = 3.0;

#[cfg(test)]
mod tests {
    use super::*;

    const DEMAND: Demand =
        Demand { waiting: 3, left: None, slots: 1, task_seconds: 0.1, waited_seconds: 0.0 };

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
}
