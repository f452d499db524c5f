use hashbrown::HashMap;
use serde::Serialize;

use super::gil_mean::GilMean;
use crate::profile::record::{GilRecord, ProfileRecord, TaskRecord};
use crate::profile::time::placed::Placed;

/// The figures of the tasks that do the same with other rows.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub(crate) struct Stage {
    /// Which of several queries it belongs to.
    pub(crate) query: u32,
    /// Its number in the record.
    pub(crate) stage: u32,
    /// What its tasks do.
    pub(crate) name: String,
    /// How many tasks it has.
    pub(crate) tasks: u64,
    /// How many of them failed.
    pub(crate) failed: u64,
    /// The most slots that one task takes.
    pub(crate) width: u32,
    /// When its first task was sent.
    pub(crate) first_sent_us: u64,
    /// When its last task was sent.
    pub(crate) last_sent_us: u64,
    /// When its first task began.
    pub(crate) first_begun_us: u64,
    /// When its last task ended.
    pub(crate) last_ended_us: u64,
    /// How long its tasks worked, together.
    pub(crate) work_us: u64,
    /// How long half of its tasks worked at most.
    pub(crate) median_us: u64,
    /// How long the longest one worked.
    pub(crate) longest_us: u64,
    /// The rows of the longest one, if they are known.
    pub(crate) longest_rows: Option<u64>,
    /// The rows that half of its tasks have at most, if they are known.
    pub(crate) median_rows: Option<u64>,
    /// The CPU time of its tasks, of those that are known.
    pub(crate) cpu_us: Option<u64>,
    /// The rows of its results, of those that are known.
    pub(crate) rows: Option<u64>,
    /// The bytes of its results, of those that are known.
    pub(crate) bytes: Option<u64>,
    /// The GIL of its workers while they worked on it.
    pub(crate) gil: Option<GilRecord>,
}

/// The figures of each stage, in the order in which the stages began.
pub(crate) fn stages(record: &ProfileRecord) -> Vec<Stage> {
    let mut places: HashMap<(u32, u32), usize> = HashMap::new();
    let mut groups: Vec<Vec<(Placed, &TaskRecord)>> = Vec::new();
    for (place, task) in record.tasks.iter().enumerate() {
        let group = *places.entry((task.query, task.stage)).or_insert(groups.len());
        let new = (Placed::of(place, task, record.wall_us), task);
        match groups.get_mut(group) {
            Some(tasks) => tasks.push(new),
            None => groups.push(vec![new]),
        }
    }
    let mut all: Vec<Stage> = groups.iter().filter_map(|tasks| stage(tasks)).collect();
    all.sort_by_key(|stage| (stage.first_sent_us, stage.query, stage.stage));
    all
}

fn stage(tasks: &[(Placed, &TaskRecord)]) -> Option<Stage> {
    let (_, first) = tasks.first()?;
    let (longest, longest_task) = tasks.iter().max_by_key(|(placed, _)| placed.work_us())?;
    let mut gil = GilMean::default();
    tasks.iter().for_each(|(placed, task)| gil.add(task.gil, placed.work_us()));
    let placed = || tasks.iter().map(|(placed, _)| placed);
    Some(Stage {
        query: first.query,
        stage: first.stage,
        name: first.name.clone(),
        tasks: tasks.len() as u64,
        failed: tasks.iter().filter(|(_, task)| task.failed).count() as u64,
        width: tasks.iter().filter_map(|(_, task)| task.slots).max().unwrap_or(1).max(1),
        first_sent_us: placed().map(|at| at.sent).min()?,
        last_sent_us: placed().map(|at| at.sent).max()?,
        first_begun_us: placed().map(|at| at.begun).min()?,
        last_ended_us: placed().map(|at| at.ended).max()?,
        work_us: placed().map(|at| at.work_us()).sum(),
        median_us: lower_median(placed().map(|at| at.work_us())).unwrap_or(0),
        longest_us: longest.work_us(),
        longest_rows: longest_task.rows,
        median_rows: lower_median(tasks.iter().filter_map(|(_, task)| task.rows)),
        cpu_us: sum(tasks.iter().map(|(_, task)| task.cpu_us)),
        rows: sum(tasks.iter().map(|(_, task)| task.rows)),
        bytes: sum(tasks.iter().map(|(_, task)| task.bytes)),
        gil: gil.mean(),
    })
}

/// The middle value, of two the smaller one.
fn lower_median(values: impl Iterator<Item = u64>) -> Option<u64> {
    let mut sorted: Vec<u64> = values.collect();
    sorted.sort_unstable();
    sorted.get(sorted.len().checked_sub(1)? / 2).copied()
}

/// Adds up what is known; None if nothing is.
pub(super) fn sum(values: impl Iterator<Item = Option<u64>>) -> Option<u64> {
    values.flatten().reduce(u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_has_the_figures_of_its_tasks() {
        let task = |begun, ended, rows| TaskRecord {
            name: "Scan".to_owned(),
            begun_us: Some(begun),
            ended_us: Some(ended),
            returned_us: 100,
            rows,
            cpu_us: Some(5),
            gil: Some(GilRecord { held: 0.5, waited: 0.125, samples: 3 }),
            ..TaskRecord::default()
        };
        let tasks = vec![task(10, 20, Some(7)), task(12, 60, None), task(20, 24, Some(1))];
        let other = TaskRecord { stage: 1, sent_us: 70, returned_us: 80, ..TaskRecord::default() };
        let record = ProfileRecord {
            wall_us: 100,
            tasks: tasks.into_iter().chain([other]).collect(),
            ..ProfileRecord::default()
        };
        let all = stages(&record);
        let first = &all[0];
        assert_eq!(
            (first.tasks, first.work_us, first.median_us, first.longest_us),
            (3, 62, 10, 48)
        );
        assert_eq!((first.rows, first.longest_rows, first.cpu_us), (Some(8), None, Some(15)));
        assert_eq!((first.first_begun_us, first.last_ended_us), (10, 60));
        assert_eq!(first.gil, Some(GilRecord { held: 0.5, waited: 0.125, samples: 9 }));
        assert_eq!((all[1].tasks, all[1].work_us, all[1].cpu_us, all[1].gil), (1, 10, None, None));
    }

    #[test]
    fn without_tasks_there_are_no_stages() {
        assert_eq!(stages(&ProfileRecord::default()), []);
        assert_eq!(lower_median([3, 1].into_iter()), Some(1));
        assert_eq!(lower_median([].into_iter()), None);
    }
}
