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

    /// Notes how many more tasks need an instance.
    pub fn expect_tasks(&mut self, key: &str, tasks: u64) {
        *self.known.tasks_left.entry(key.to_owned()).or_default() += tasks;
    }

    /// Notes that no query uses an object any more, although the workers keep its instances.
    pub fn end_tasks(&mut self, key: &str) {
        self.known.tasks_left.remove(key);
    }

    /// Notes the memory of the node of a worker, in bytes.
    pub fn set_memory(&mut self, worker: &str, available: u64, total: u64) {
        if let Some(queue) = self.queue_of(worker) {
            queue.set_memory(worker, NodeMemory { available, total });
        }
    }

    /// Lets a task wait. `position` is its position among the tasks of its query, `worker` is the one that Daft
    /// has chosen, and `keys` name the instances that the task needs.
    pub fn submit(
        &mut self,
        id: u64,
        position: u64,
        worker: &str,
        mut keys: Vec<String>,
        now: f64,
    ) {
        keys.sort_unstable();
        keys.dedup();
        if let Some(queue) = self.queue_of(worker) {
            queue.count_waiting(now);
            queue.waiting.push(Task { id, position, worker: worker.to_owned(), keys });
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
        self.known.nodes = self.nodes.len() as u64;
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
        let ended = self.nodes.values_mut().find_map(|queue| queue.ended(id, now));
        for key in ended.iter().flat_map(|task| &task.keys) {
            if let Some(left) = self.known.tasks_left.get_mut(key) {
                *left = left.saturating_sub(1);
            }
        }
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
        self.known.tasks_left.remove(&key);
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
