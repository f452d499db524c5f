use std::collections::{BTreeMap, HashMap, HashSet};

use crate::instances::demand::Demand;
use crate::instances::footprint::Footprint;
use crate::instances::mean::Mean;
use crate::instances::room::{NodeMemory, WORKER_BYTES};
use crate::instances::worker::{Holding, Worker};

/// How long a task that was sent to build an instance may take until it begins to, in seconds. Then as many
/// more tasks are sent as are under way, because a task may compute for long before its rows reach the class.
const BEGIN_PATIENCE_S: f64 = 1.0;

/// The most times that the number of tasks under way is doubled.
const MOST_DOUBLINGS: u32 = 20;

/// A task that takes less than this, in seconds, takes little longer than to be sent and to be answered.
const SHORT_TASK_S: f64 = 0.1;

/// What is known of classes, on whatever node it was seen.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// What an instance costs, by the key of its object.
    pub(crate) footprints: HashMap<String, Footprint>,
    /// How long tasks take on workers that have the instances, in seconds, by the keys of the instances.
    pub(crate) task_seconds: HashMap<Vec<String>, Mean>,
    /// How many tasks are left that need an instance, by its key.
    pub(crate) tasks_left: HashMap<String, u64>,
    /// How many nodes share these tasks.
    pub(crate) nodes: u64,
    /// The keys of the instances that a node had no room for.
    pub(crate) limited: HashSet<String>,
}

/// A task that waits for a worker.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) id: u64,
    /// Its position among the tasks of its query. Daft sends the tasks of one moment in any order.
    pub(crate) position: u64,
    /// The worker that Daft has chosen.
    pub(crate) worker: String,
    /// The keys of the instances that the task needs, sorted.
    pub(crate) keys: Vec<String>,
}

/// A task that was sent to a worker.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) worker: String,
    pub(crate) position: u64,
    pub(crate) keys: Vec<String>,
    /// When it was sent, or when its slot became free.
    pub(crate) since: f64,
    /// Whether it was sent before its worker had a slot for it, and still waits there.
    pub(crate) is_ahead: bool,
    /// Whether the worker had all instances when the task was sent.
    pub(crate) found_all: bool,
}

/// The workers of one node, and the tasks that wait for one of them.
#[derive(Debug, Default)]
pub(crate) struct NodeQueue {
    pub(crate) workers: BTreeMap<String, Worker>,
    pub(crate) memory: Option<NodeMemory>,
    pub(crate) waiting: Vec<Task>,
    pub(crate) running: HashMap<u64, Running>,
    /// How long tasks have waited although the node has the instances, in seconds, by the keys of these.
    waited: HashMap<Vec<String>, f64>,
    /// How many tasks ended without having built the instance that they were sent to build, by its key.
    without_build: HashMap<String, u32>,
    /// Until when the waiting was counted.
    counted_until: f64,
}

impl NodeQueue {
    /// Notes the memory of the node as a worker saw it.
    pub(crate) fn set_memory(&mut self, worker: &str, memory: NodeMemory) {
        self.memory = Some(memory);
        if let Some(worker) = self.workers.get_mut(worker) {
            worker.is_counted = true;
        }
    }

    /// How many workers the node has when all have started.
    pub(crate) fn planned(&self) -> usize {
        let planned = self.workers.values().map(|worker| worker.of).max().unwrap_or(0);
        planned.max(self.workers.len())
    }

    /// How many tasks its workers run at once when all have started.
    fn planned_slots(&self) -> u32 {
        let widest = self.workers.values().map(|worker| worker.slots).max().unwrap_or(0);
        widest.saturating_mul(u32::try_from(self.planned()).unwrap_or(u32::MAX))
    }

    /// Adds the time since the last call for the tasks that wait although the node has their instances.
    pub(crate) fn count_waiting(&mut self, now: f64) {
        let passed = (now - self.counted_until).max(0.0);
        self.counted_until = self.counted_until.max(now);
        let groups: HashSet<_> = self.waiting.iter().map(|task| task.keys.clone()).collect();
        for keys in groups {
            if self.workers.values().any(|worker| worker.has(&keys)) {
                *self.waited.entry(keys).or_default() += passed;
            }
        }
    }

    /// Chooses the tasks that run now, in their order. Returns the id of each with its worker.
    pub(crate) fn admit(&mut self, known: &mut Known, now: f64) -> Vec<(u64, String)> {
        self.count_waiting(now);
        let mut admitted = Vec::new();
        let mut builds = HashSet::new();
        let mut index = 0;
        while let Some(task) = self.waiting.get(index) {
            let Some(id) = self.place(task, known, now) else {
                index += 1;
                continue;
            };
            let task = self.waiting.remove(index);
            admitted.push((task.id, id.clone()));
            let Some(worker) = self.workers.get_mut(&id) else { continue };
            let found_all = worker.has(&task.keys);
            if !worker.will_have(&task.keys) {
                builds.insert(task.keys.clone());
            }
            let is_ahead = !worker.is_free();
            worker.running += 1;
            for key in &task.keys {
                worker.holds.entry(key.clone()).or_insert(Holding::Sent(now));
            }
            let Task { position, keys, .. } = task;
            let running = Running { worker: id, position, keys, since: now, is_ahead, found_all };
            self.running.insert(task.id, running);
        }
        for keys in builds {
            self.waited.remove(&keys);
        }
        admitted
    }

    /// Notes that a task has ended. Returns it, or None if it did not run here.
    pub(crate) fn ended(&mut self, id: u64, now: f64) -> Option<Running> {
        let ended = self.running.remove(&id)?;
        let on_worker = self.running.values_mut().filter(|task| task.worker == ended.worker);
        let ahead = on_worker.filter(|task| task.is_ahead);
        if let Some(next) = ahead.min_by(|one, other| one.since.total_cmp(&other.since)) {
            next.is_ahead = false;
            next.since = now;
        }
        let beside = self.running.values().filter(|task| task.worker == ended.worker);
        let beside: HashSet<&String> = beside.flat_map(|task| &task.keys).collect();
        if let Some(worker) = self.workers.get_mut(&ended.worker) {
            worker.running = worker.running.saturating_sub(1);
            for key in ended.keys.iter().filter(|key| !beside.contains(key)) {
                if matches!(worker.holds.get(key), Some(Holding::Sent(_))) {
                    worker.holds.remove(key);
                    *self.without_build.entry(key.clone()).or_default() += 1;
                }
            }
        }
        Some(ended)
    }

    /// Forgets an object whose instances the workers have dropped.
    pub(crate) fn forget(&mut self, key: &String) {
        for worker in self.workers.values_mut() {
            worker.holds.remove(key);
        }
        self.waited.retain(|keys, _| !keys.contains(key));
        self.without_build.remove(key);
    }

    /// The worker that a task goes to now; None if the task waits.
    fn place(&self, task: &Task, known: &mut Known, now: f64) -> Option<String> {
        // Daft notices by itself that its worker is gone.
        let Some(own) = self.workers.get(&task.worker) else { return Some(task.worker.clone()) };
        if own.is_free() && own.has(&task.keys) {
            return Some(task.worker.clone());
        }
        // The next short task is on its way to the worker while the one before it runs.
        let seconds = known.task_seconds.get(&task.keys).copied().and_then(Mean::get);
        let ahead = u32::from(seconds.is_some_and(|seconds| seconds < SHORT_TASK_S));
        let may_take = |worker: &Worker| worker.running < worker.slots.saturating_add(ahead);
        let having = self.workers.iter().filter(|(_, it)| may_take(it) && it.has(&task.keys));
        if let Some((id, _)) = having.min_by_key(|(_, it)| it.running) {
            return Some(id.clone());
        }
        let builds =
            own.is_free() && (own.will_have(&task.keys) || self.may_build(own, task, known, now));
        builds.then(|| task.worker.clone())
    }

    fn may_build(&self, own: &Worker, task: &Task, known: &mut Known, now: f64) -> bool {
        let missing = own.missing(&task.keys);
        let mut unknown = missing.clone().filter(|key| !known.footprints.contains_key(*key));
        if unknown.clone().next().is_some() {
            return unknown.all(|key| self.may_probe(key, now));
        }
        if !self.workers.values().any(|worker| worker.will_have(&task.keys)) {
            return true;
        }
        let is_ready = self.workers.values().any(|worker| worker.has(&task.keys));
        if is_ready && self.is_first(task) {
            return false;
        }
        let footprints = missing.clone().filter_map(|key| known.footprints.get(key).copied());
        let seconds = footprints.clone().filter_map(|footprint| footprint.seconds).sum();
        let demand = self.demand(&task.keys, known, now);
        if !demand.pays(seconds) && (is_ready || !demand.pays_at_once(seconds)) {
            return false;
        }
        let reserved = self.being_built(known).saturating_add(self.being_started());
        let has_room = self.memory.is_some_and(|it| it.fits(reserved, footprints));
        if !has_room {
            known.limited.extend(missing.cloned());
        }
        has_room
    }

    /// Whether a waiting task is the first of those that wait or run and need the same instances. Whoever reads
    /// the rows as they come waits for it, so it takes the next slot that has the instances.
    fn is_first(&self, task: &Task) -> bool {
        let running = self.running.values().map(|it| (&it.keys, it.position));
        let waiting = self.waiting.iter().map(|it| (&it.keys, it.position));
        let mut alike = running.chain(waiting).filter(|(keys, _)| **keys == task.keys);
        alike.all(|(_, position)| position >= task.position)
    }

    /// Whether one more worker may build an instance whose memory is not known.
    fn may_probe(&self, key: &String, now: f64) -> bool {
        let mut sent = 0;
        let mut first = now;
        for holding in self.workers.values().filter_map(|worker| worker.holds.get(key)) {
            let Holding::Sent(at) = holding else { return false };
            sent += 1;
            first = first.min(*at);
        }
        let steps = ((now - first) / BEGIN_PATIENCE_S) as u32;
        let ended = self.without_build.get(key).copied().unwrap_or(0);
        sent < 1_u64 << steps.saturating_add(ended).min(MOST_DOUBLINGS)
    }

    /// The memory that instances will take that are not built yet, in bytes.
    fn being_built(&self, known: &Known) -> u64 {
        let unbuilt = self.workers.values().flat_map(Worker::unbuilt);
        let footprints = unbuilt.filter_map(|key| known.footprints.get(key));
        footprints.map(|footprint| footprint.needed_bytes()).sum()
    }

    /// The memory that workers will take that were not there when the memory was read, in bytes.
    fn being_started(&self) -> u64 {
        let counted = self.workers.values().filter(|worker| worker.is_counted).count();
        WORKER_BYTES.saturating_mul(self.planned().saturating_sub(counted) as u64)
    }

    fn demand(&self, keys: &Vec<String>, known: &Known, now: f64) -> Demand {
        let waiting = self.waiting.iter().filter(|task| task.keys == *keys).count();
        let holders = self.workers.values().filter(|worker| worker.will_have(keys));
        let running = self.running.values().filter(|task| task.found_all && task.keys == *keys);
        let longest = running.map(|task| now - task.since).fold(0.0, f64::max);
        let mean = known.task_seconds.get(keys).copied().and_then(Mean::get).unwrap_or(0.0);
        let left = keys.iter().filter_map(|key| known.tasks_left.get(key)).min();
        let left = left.map(|left| left.div_ceil(known.nodes.max(1)));
        Demand {
            waiting: u32::try_from(waiting).unwrap_or(u32::MAX),
            left: left.map(|left| u32::try_from(left).unwrap_or(u32::MAX)),
            slots: holders.map(|worker| worker.slots).sum(),
            all_slots: self.planned_slots(),
            task_seconds: mean.max(longest),
            waited_seconds: self.waited.get(keys).copied().unwrap_or(0.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instances::admission::Admission;

    const MB: u64 = 1_000_000;
    const MODEL: Footprint =
        Footprint { bytes: 600 * MB, peak_bytes: 600 * MB, seconds: Some(1.0) };

    /// A node of 4 GB that will have 16 workers, four of which have started. Each has a task.
    fn starting_node() -> Admission {
        let mut admission = Admission::default();
        admission.expect("model", MODEL, Some(9.0));
        for index in 0..4 {
            let worker = format!("w{index}");
            admission.add_worker(&worker, "n", 1, 16);
            admission.submit(index, index, &worker, vec!["model".to_owned()], 0.0);
        }
        admission
    }

    #[test]
    fn workers_that_have_not_started_yet_keep_their_room() {
        let mut admission = starting_node();
        admission.set_memory("w0", 3_000 * MB, 4_000 * MB);
        assert_eq!(admission.admit(0.0).len(), 1, "15 workers take 1.5 GB");
        let copies = admission.copies("model");
        assert_eq!((copies.of, copies.is_limited), (16, true));
    }

    #[test]
    fn workers_that_were_there_when_the_memory_was_read_are_counted_once() {
        let mut admission = starting_node();
        for worker in ["w0", "w1", "w2", "w3", "w0"] {
            admission.set_memory(worker, 3_000 * MB, 4_000 * MB);
        }
        assert_eq!(admission.admit(0.0).len(), 2, "12 workers take 1.2 GB");
    }
}
