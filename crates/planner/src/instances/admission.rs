use std::collections::{BTreeMap, HashMap};

use crate::instances::footprint::{Copies, Footprint};
use crate::instances::node_queue::{Known, NodeQueue, Task};
use crate::instances::room::NodeMemory;
use crate::instances::worker::{Holding, Worker};

/// Decides which worker of a node runs a task whose rows go through class UDFs, and when.
///
/// Daft chooses a worker, and so a node. A task goes to a worker of that node that has the instances already. A
/// worker without them builds them only if no worker of the node has them or will have them, or if their memory
/// is known, there is room, and building pays. As long as their memory is not known, one worker of a node
/// builds them alone.
///
/// All times are seconds of one clock that never goes back. The key of an instance names the object that it is
/// built from, so all workers use the same key.
#[derive(Debug, Default)]
pub struct Admission {
    nodes: BTreeMap<String, NodeQueue>,
    /// The node of each worker.
    node_of: HashMap<String, String>,
    /// The waiting tasks that Daft has sent to workers that are gone, each with its worker.
    strays: Vec<(u64, String)>,
    known: Known,
}

impl Admission {
    /// Adds a worker, which runs `slots` tasks at once. Its node has `of` workers when all have started. A worker
    /// that is there already stays as it is.
    pub fn add_worker(&mut self, worker: &str, node: &str, slots: u32, of: usize) {
        if self.node_of.contains_key(worker) {
            return;
        }
        self.node_of.insert(worker.to_owned(), node.to_owned());
        let queue = self.nodes.entry(node.to_owned()).or_default();
        queue.workers.insert(worker.to_owned(), Worker::new(slots, of));
    }

    /// Notes that a worker is gone, with all its instances.
    pub fn remove_worker(&mut self, worker: &str) {
        if let Some(node) = self.node_of.remove(worker)
            && let Some(queue) = self.nodes.get_mut(&node)
        {
            queue.workers.remove(worker);
            // They must not take slots of the worker that comes in its place under the same id.
            queue.running.retain(|_, task| task.worker != worker);
        }
    }

    /// Notes what is known of an instance from the user or from an earlier query: what it costs, and how long a
    /// task takes that has it, in seconds.
    pub fn expect(&mut self, key: &str, footprint: Footprint, task_seconds: Option<f64>) {
        self.known.footprints.insert(key.to_owned(), footprint);
        if let Some(seconds) = task_seconds {
            self.known.task_seconds.entry(vec![key.to_owned()]).or_default().add(seconds);
        }
    }

    /// Notes the memory of the node of a worker, in bytes.
    pub fn set_memory(&mut self, worker: &str, available: u64, total: u64) {
        if let Some(queue) = self.queue_of(worker) {
            queue.set_memory(worker, NodeMemory { available, total });
        }
    }

    /// Lets a task wait. `worker` is the one that Daft has chosen, and `keys` name the instances that the task
    /// needs.
    pub fn submit(&mut self, id: u64, worker: &str, mut keys: Vec<String>, now: f64) {
        keys.sort_unstable();
        keys.dedup();
        if let Some(queue) = self.queue_of(worker) {
            queue.count_waiting(now);
            queue.waiting.push(Task { id, worker: worker.to_owned(), keys });
        } else {
            self.strays.push((id, worker.to_owned()));
        }
    }

    /// Forgets a task that waits.
    pub fn cancel(&mut self, id: u64) {
        self.strays.retain(|(task, _)| *task != id);
        for queue in self.nodes.values_mut() {
            queue.waiting.retain(|task| task.id != id);
        }
    }

    /// Chooses the tasks that run now. Returns the id of each with the worker that it goes to. A task goes to a
    /// worker that is gone if Daft has chosen that worker, because Daft notices only then that it is gone.
    pub fn admit(&mut self, now: f64) -> Vec<(u64, String)> {
        let mut admitted = std::mem::take(&mut self.strays);
        let waiting = self.nodes.values_mut().filter(|queue| !queue.waiting.is_empty());
        admitted.extend(waiting.flat_map(|queue| queue.admit(&mut self.known, now)));
        admitted
    }

    /// Whether tasks wait.
    pub fn has_waiting(&self) -> bool {
        !self.strays.is_empty() || self.nodes.values().any(|queue| !queue.waiting.is_empty())
    }

    /// Notes that a worker begins to build an instance.
    pub fn building(&mut self, worker: &str, key: &str) {
        self.hold(worker, key, Holding::Building);
    }

    /// Notes that a worker has built an instance, and what it cost.
    pub fn built(&mut self, worker: &str, key: &str, footprint: Footprint, now: f64) {
        if let Some(queue) = self.queue_of(worker) {
            queue.count_waiting(now);
        }
        self.hold(worker, key, Holding::Built);
        let known = self.known.footprints.entry(key.to_owned()).or_insert(footprint);
        *known = known.max(footprint);
    }

    /// Notes that a worker could not build an instance.
    pub fn failed(&mut self, worker: &str, key: &str) {
        if let Some(worker) = self.queue_of(worker).and_then(|queue| queue.workers.get_mut(worker))
        {
            worker.holds.remove(key);
        }
    }

    /// Notes that a task has ended, in whatever way.
    pub fn ended(&mut self, id: u64, now: f64) {
        let ended = self.nodes.values_mut().find_map(|queue| queue.ended(id));
        if let Some(task) = ended.filter(|task| task.found_all) {
            self.known.task_seconds.entry(task.keys).or_default().add(now - task.since);
        }
    }

    /// How many workers have the instance of an object, and what it costs.
    pub fn copies(&self, key: &str) -> Copies {
        let having = |queue: &NodeQueue| {
            let having = |worker: &&Worker| worker.holds.get(key) == Some(&Holding::Built);
            (queue.workers.values().filter(having).count(), queue.planned())
        };
        let (workers, of) = self.nodes.values().map(having).max().unwrap_or_default();
        Copies {
            footprint: self.known.footprints.get(key).copied(),
            workers,
            of,
            is_limited: self.known.limited.contains(key),
        }
    }

    /// How long a task takes that needs this instance alone and finds it, in seconds; None if none has ended.
    pub fn task_seconds(&self, key: &str) -> Option<f64> {
        self.known.task_seconds.get(&vec![key.to_owned()]).copied()?.get()
    }

    /// Forgets an object whose instances the workers drop.
    pub fn forget(&mut self, key: &str) {
        let key = key.to_owned();
        for queue in self.nodes.values_mut() {
            queue.forget(&key);
        }
        self.known.footprints.remove(&key);
        self.known.limited.remove(&key);
        self.known.task_seconds.retain(|keys, _| !keys.contains(&key));
    }

    fn queue_of(&mut self, worker: &str) -> Option<&mut NodeQueue> {
        self.nodes.get_mut(self.node_of.get(worker)?)
    }

    fn hold(&mut self, worker: &str, key: &str, holding: Holding) {
        if let Some(worker) = self.queue_of(worker).and_then(|queue| queue.workers.get_mut(worker))
        {
            worker.holds.insert(key.to_owned(), holding);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GB: u64 = 1_000_000_000;
    const HEAVY: Footprint = Footprint { bytes: GB, peak_bytes: GB, seconds: Some(2.0) };

    /// A node with so many workers of one slot and 10 GB of memory, and a task for each worker, sent at 0 s.
    fn node(workers: u64) -> Admission {
        let mut admission = Admission::default();
        for index in 0..workers {
            let worker = format!("w{index}");
            admission.add_worker(&worker, "n", 1, 1);
            admission.set_memory(&worker, 10 * GB, 10 * GB);
            admission.submit(index, &worker, vec!["model".to_owned()], 0.0);
        }
        admission
    }

    fn at(admission: &mut Admission, now: f64) -> Vec<u64> {
        admission.admit(now).into_iter().map(|(id, _)| id).collect()
    }

    fn build(admission: &mut Admission, worker: &str, available: u64) {
        admission.building(worker, "model");
        admission.set_memory(worker, available, 10 * GB);
        admission.built(worker, "model", HEAVY, 2.0);
    }

    #[test]
    fn the_first_worker_of_a_node_builds_alone() {
        let mut admission = node(4);
        assert_eq!(at(&mut admission, 0.0), [0]);
        assert_eq!(at(&mut admission, 0.5), [0; 0]);
        admission.building("w0", "model");
        assert_eq!(at(&mut admission, 60.0), [0; 0], "however long it builds");
        admission.add_worker("x0", "m", 1, 1);
        admission.submit(9, "x0", vec!["model".to_owned()], 60.0);
        assert_eq!(at(&mut admission, 60.0), [9], "the first worker of another node");
    }

    #[test]
    fn tasks_of_a_small_query_go_to_the_worker_that_has_the_instance() {
        let mut admission = node(4);
        at(&mut admission, 0.0);
        build(&mut admission, "w0", 9 * GB);
        let mut now = 2.0;
        for task in 0..3 {
            assert_eq!(at(&mut admission, now), [0; 0], "w0 is busy, and building takes longer");
            now += 0.2;
            admission.ended(task, now);
            assert_eq!(admission.admit(now), [(task + 1, "w0".to_owned())]);
        }
        let copies = admission.copies("model");
        assert_eq!((copies.workers, copies.of, copies.is_limited), (1, 4, false));
    }

    #[test]
    fn the_next_short_task_is_sent_before_the_one_before_it_has_ended() {
        let mut admission = node(4);
        at(&mut admission, 0.0);
        build(&mut admission, "w0", 9 * GB);
        admission.ended(0, 2.0);
        assert_eq!(at(&mut admission, 2.0), [1], "how long a task takes is not known yet");
        admission.ended(1, 2.05);
        assert_eq!(at(&mut admission, 2.05), [2, 3]);
    }

    #[test]
    fn tasks_that_take_long_get_further_instances() {
        let mut admission = node(4);
        at(&mut admission, 0.0);
        build(&mut admission, "w0", 9 * GB);
        admission.ended(0, 3.0);
        assert_eq!(at(&mut admission, 3.0), [1]);
        assert_eq!(at(&mut admission, 3.9), [0; 0], "two tasks of 0.9 s, which have waited 1.9 s");
        assert_eq!(
            at(&mut admission, 4.1),
            [2, 3],
            "they have waited for longer than building takes"
        );
    }

    #[test]
    fn many_waiting_tasks_get_instances_before_they_have_waited() {
        let mut admission = node(64);
        at(&mut admission, 0.0);
        admission.set_memory("w0", 1 << 50, 1 << 50);
        build(&mut admission, "w0", 9 * GB);
        admission.set_memory("w0", 1 << 50, 1 << 50);
        admission.ended(0, 2.1);
        assert_eq!(at(&mut admission, 2.1), [1]);
        admission.ended(1, 2.3);
        // 62 tasks of 0.2 s wait; with 6 workers they take 2 s.
        assert_eq!(at(&mut admission, 2.3).len(), 1 + 5);
    }

    #[test]
    fn no_more_workers_build_than_have_room() {
        let mut admission = node(64);
        at(&mut admission, 0.0);
        build(&mut admission, "w0", 5 * GB);
        assert_eq!(at(&mut admission, 9.0).len(), 4, "1 GB of 10 stays free");
        assert_eq!(at(&mut admission, 99.0), [0; 0], "they are being built");
        for (index, worker) in ["w1", "w2", "w3", "w4"].into_iter().enumerate() {
            build(&mut admission, worker, (4 - index as u64) * GB);
        }
        assert_eq!(at(&mut admission, 999.0), [0; 0]);
        let copies = admission.copies("model");
        assert_eq!((copies.workers, copies.of, copies.is_limited), (5, 64, true));
        admission.ended(3, 999.0);
        assert_eq!(admission.admit(999.0), [(5, "w3".to_owned())]);
    }

    #[test]
    fn one_worker_builds_even_without_room() {
        let mut admission = node(2);
        admission.set_memory("w0", 0, 10 * GB);
        admission.expect("model", HEAVY, None);
        assert_eq!(at(&mut admission, 0.0), [0]);
    }

    #[test]
    fn what_an_earlier_query_saw_spares_the_wait() {
        let mut admission = node(4);
        admission.expect("model", HEAVY, Some(9.0));
        assert_eq!(at(&mut admission, 0.0), [0, 1, 2, 3]);
        let mut short = node(4);
        short.expect("model", HEAVY, Some(0.1));
        assert_eq!(at(&mut short, 0.0), [0]);
        let mut told = node(4);
        told.expect("model", Footprint { seconds: None, ..HEAVY }, None);
        assert_eq!(at(&mut told, 0.0), [0, 1, 2, 3], "memory_bytes of the user");
    }

    #[test]
    fn tasks_whose_rows_reach_the_class_late_are_not_held_back() {
        let mut admission = node(8);
        assert_eq!(at(&mut admission, 0.0), [0]);
        assert_eq!(at(&mut admission, 1.0), [1]);
        assert_eq!(at(&mut admission, 2.0), [2, 3]);
        admission.building("w2", "model");
        assert_eq!(at(&mut admission, 9.0), [0; 0]);
    }

    #[test]
    fn tasks_that_build_nothing_are_not_held_back() {
        let mut admission = node(8);
        at(&mut admission, 0.0);
        admission.ended(0, 0.1);
        assert_eq!(at(&mut admission, 0.1), [1, 2]);
        admission.failed("w1", "model");
        assert_eq!(at(&mut admission, 0.1), [3], "its failure is not remembered");
    }

    #[test]
    fn all_slots_of_a_worker_wait_for_its_instance() {
        let mut admission = Admission::default();
        admission.add_worker("w", "n", 4, 1);
        for id in 0..5 {
            admission.submit(id, "w", vec!["model".to_owned()], 0.0);
        }
        assert_eq!(at(&mut admission, 0.0), [0, 1, 2, 3]);
        admission.ended(1, 0.1);
        assert_eq!(at(&mut admission, 0.1), [4], "the instance is still on its way");
    }

    #[test]
    fn a_task_of_two_classes_needs_a_worker_that_has_both() {
        let mut admission = node(2);
        at(&mut admission, 0.0);
        build(&mut admission, "w0", 9 * GB);
        admission.ended(0, 2.0);
        let both = vec!["model".to_owned(), "other".to_owned()];
        admission.cancel(1);
        admission.submit(7, "w0", both.clone(), 2.0);
        admission.submit(8, "w1", both, 2.0);
        assert_eq!(admission.admit(2.0), [(7, "w0".to_owned())]);
        admission.building("w0", "other");
        admission.built("w0", "other", HEAVY, 3.0);
        admission.ended(7, 4.0);
        assert_eq!(admission.admit(4.0), [(8, "w0".to_owned())]);
    }

    #[test]
    fn a_worker_that_is_gone_holds_nothing_up() {
        let mut admission = node(2);
        at(&mut admission, 0.0);
        admission.building("w0", "model");
        admission.remove_worker("w0");
        assert_eq!(at(&mut admission, 0.1), [1]);
        admission.ended(0, 0.1);
        admission.submit(2, "w1", vec!["model".to_owned()], 0.2);
        admission.remove_worker("w1");
        assert_eq!(admission.admit(0.2), [(2, "w1".to_owned())], "Daft notices it");
        assert!(!admission.has_waiting());
    }

    #[test]
    fn tasks_for_a_worker_that_is_gone_go_there_so_that_daft_notices_it() {
        let mut admission = node(2);
        at(&mut admission, 0.0);
        admission.remove_worker("w0");
        admission.submit(5, "w0", vec!["model".to_owned()], 0.1);
        assert!(admission.has_waiting());
        assert!(admission.admit(0.1).contains(&(5, "w0".to_owned())));
    }

    #[test]
    fn tasks_of_a_worker_that_is_gone_take_no_slot_of_the_one_in_its_place() {
        let mut admission = node(1);
        at(&mut admission, 0.0);
        admission.remove_worker("w0");
        admission.add_worker("w0", "n", 1, 1);
        for id in [1, 2] {
            admission.submit(id, "w0", vec!["model".to_owned()], 0.1);
        }
        assert_eq!(at(&mut admission, 0.1), [1]);
        admission.ended(0, 0.2);
        assert_eq!(at(&mut admission, 0.2), [0; 0]);
    }

    #[test]
    fn a_forgotten_object_is_built_again() {
        let mut admission = node(2);
        at(&mut admission, 0.0);
        build(&mut admission, "w0", 9 * GB);
        admission.ended(0, 2.0);
        admission.cancel(1);
        admission.forget("model");
        assert_eq!(admission.copies("model").footprint, None);
        admission.submit(5, "w1", vec!["model".to_owned()], 3.0);
        assert_eq!(at(&mut admission, 3.0), [5]);
        assert_eq!(admission.copies("model").workers, 0);
    }
}
