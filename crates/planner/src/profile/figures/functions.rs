use hashbrown::HashMap;
use serde::Serialize;

use super::gil_mean::GilMean;
use crate::profile::record::{GilRecord, ProfileRecord, TaskRecord};
use crate::profile::time::placed::Placed;

/// The figures of the tasks that run the same Python functions, which cannot be told apart within a task.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub(crate) struct Function {
    /// The names of the functions.
    pub(crate) names: Vec<String>,
    /// How many tasks run them.
    pub(crate) tasks: u64,
    /// How long these tasks worked, together.
    pub(crate) work_us: u64,
    /// The time in which at least one of them worked.
    pub(crate) span_us: u64,
    /// The CPU time of those tasks of which it is known.
    pub(crate) cpu_us: Option<u64>,
    /// The part of the time of these tasks in which they computed, of those of which it is known.
    pub(crate) cpu_part: Option<f64>,
    /// How many of them ran at once in a worker, while any ran there.
    pub(crate) at_once: f64,
    /// How many workers ran them.
    pub(crate) workers: u64,
    /// The most slots of a worker that ran them.
    pub(crate) slots: u32,
    /// The GIL of the workers while they ran.
    pub(crate) gil: Option<GilRecord>,
}

impl Function {
    /// The names in quotation marks.
    pub(crate) fn quoted(&self) -> String {
        let names: Vec<String> = self.names.iter().map(|name| format!("'{name}'")).collect();
        names.join(" and ")
    }
}

/// The figures of the functions, those that worked longest first.
pub(crate) fn functions(record: &ProfileRecord) -> Vec<Function> {
    let mut groups: HashMap<&[String], Vec<(Placed, &TaskRecord)>> = HashMap::new();
    for (place, task) in record.tasks.iter().enumerate() {
        if !task.functions.is_empty() && !task.failed {
            let placed = Placed::of(place, task, record.wall_us);
            groups.entry(&task.functions).or_default().push((placed, task));
        }
    }
    let mut all: Vec<Function> =
        groups.into_iter().map(|(names, tasks)| function(record, names, &tasks)).collect();
    all.sort_by(|one, other| (other.work_us, &one.names).cmp(&(one.work_us, &other.names)));
    all
}

fn function(record: &ProfileRecord, names: &[String], tasks: &[(Placed, &TaskRecord)]) -> Function {
    let mut gil = GilMean::default();
    let mut by_worker: HashMap<usize, Vec<(u64, u64)>> = HashMap::new();
    let (mut cpu_us, mut cpu_work_us) = (None, 0);
    for (placed, task) in tasks {
        gil.add(task.gil, placed.work_us());
        by_worker.entry(task.worker).or_default().push((placed.begun, placed.ended));
        if let Some(cpu) = task.cpu_us {
            cpu_us = Some(cpu.saturating_add(cpu_us.unwrap_or(0)));
            cpu_work_us += placed.work_us();
        }
    }
    let work_us = tasks.iter().map(|(placed, _)| placed.work_us()).sum();
    let in_workers: u64 = by_worker.values().map(|times| covered(times.clone())).sum();
    let slots = |worker: &usize| record.workers.get(*worker).map(|worker| worker.slots);
    Function {
        names: names.to_vec(),
        tasks: tasks.len() as u64,
        work_us,
        span_us: covered(tasks.iter().map(|(placed, _)| (placed.begun, placed.ended)).collect()),
        cpu_us,
        cpu_part: cpu_us.map(|cpu| cpu as f64 / cpu_work_us.max(1) as f64),
        at_once: work_us as f64 / in_workers.max(1) as f64,
        workers: by_worker.len() as u64,
        slots: by_worker.keys().filter_map(slots).max().unwrap_or(1),
        gil: gil.mean(),
    }
}

/// The time that at least one of these covers.
fn covered(mut times: Vec<(u64, u64)>) -> u64 {
    times.sort_unstable();
    let (mut all, mut end) = (0, 0);
    for (from, to) in times {
        all += to.saturating_sub(from.max(end));
        end = end.max(to);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::record::WorkerRecord;

    #[test]
    fn functions_have_the_figures_of_their_tasks() {
        let task = |worker, sent_us, returned_us| TaskRecord {
            worker,
            sent_us,
            returned_us,
            cpu_us: Some(5),
            functions: vec!["f".to_owned()],
            ..TaskRecord::default()
        };
        let record = ProfileRecord {
            wall_us: 100,
            workers: vec![WorkerRecord { slots: 4, ..WorkerRecord::default() }; 2],
            tasks: vec![task(0, 0, 10), task(0, 5, 15), task(1, 40, 50), TaskRecord::default()],
            ..ProfileRecord::default()
        };
        let all = functions(&record);
        assert_eq!(all.len(), 1);
        let one = &all[0];
        assert_eq!(
            (one.quoted(), one.tasks, one.work_us, one.span_us),
            ("'f'".to_owned(), 3, 30, 25)
        );
        assert_eq!((one.cpu_us, one.cpu_part, one.at_once), (Some(15), Some(0.5), 1.2));
        assert_eq!((one.workers, one.slots, one.gil), (2, 4, None));
    }
}
