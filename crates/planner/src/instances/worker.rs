use std::collections::BTreeMap;

/// How far a worker is with an instance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Holding {
    /// A task that will build it was sent at this time, in seconds.
    Sent(f64),
    /// The worker builds it.
    Building,
    /// The worker has it.
    Built,
}

/// A worker, with the instances that it has or will have.
#[derive(Debug)]
pub(crate) struct Worker {
    /// How many tasks it runs at once.
    pub(crate) slots: u32,
    /// How many workers its node has when all have started.
    pub(crate) of: usize,
    /// Whether the memory of the node was read since the worker has started.
    pub(crate) is_counted: bool,
    /// How many tasks with class UDFs it runs.
    pub(crate) running: u32,
    /// The instances, by the key of their object.
    pub(crate) holds: BTreeMap<String, Holding>,
}

impl Worker {
    pub(crate) fn new(slots: u32, of: usize) -> Self {
        let slots = slots.max(1);
        Self { slots, of, is_counted: false, running: 0, holds: BTreeMap::new() }
    }

    /// Whether the worker has all these instances.
    pub(crate) fn has(&self, keys: &[String]) -> bool {
        keys.iter().all(|key| self.holds.get(key) == Some(&Holding::Built))
    }

    /// Whether the worker has these instances or will have them.
    pub(crate) fn will_have(&self, keys: &[String]) -> bool {
        keys.iter().all(|key| self.holds.contains_key(key))
    }

    /// Whether the worker has a slot for one more task.
    pub(crate) fn is_free(&self) -> bool {
        self.running < self.slots
    }

    /// The keys of the instances that the worker neither has nor will have.
    pub(crate) fn missing<'a>(
        &'a self,
        keys: &'a [String],
    ) -> impl Iterator<Item = &'a String> + Clone {
        keys.iter().filter(|key| !self.holds.contains_key(*key))
    }

    /// The keys of the instances that the worker will have and has not built yet.
    pub(crate) fn unbuilt(&self) -> impl Iterator<Item = &String> {
        let unbuilt = self.holds.iter().filter(|(_, holding)| **holding != Holding::Built);
        unbuilt.map(|(key, _)| key)
    }
}
