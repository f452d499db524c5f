use crate::measured::{READ_BYTES_PER_MS, TASK_OVERHEAD_MS};

/// A task of this many bytes takes no further file: a core reads as much in the time of a task's overhead.
const LARGEST: u64 = TASK_OVERHEAD_MS * READ_BYTES_PER_MS;

/// How small files are merged, several per task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Merge {
    /// A task with this many bytes takes no further file.
    pub bytes: u64,
    /// The most files of a task.
    pub files: u64,
}

/// Decides how the files of a scan are merged into tasks, so that Python code spends its time on rows rather
/// than between tasks; None if the scan has few tasks, or large ones.
///
/// # Arguments
///
/// * `wanted`: about how many tasks suit the Python code.
/// * `bytes`, `tasks`: the size of the scan and its tasks as they are.
pub fn merge(wanted: u64, bytes: u64, tasks: u64) -> Option<Merge> {
    // Without a node no task is wanted yet.
    let files = tasks.checked_div(wanted)?;
    let is_worth_it = files > 1 && bytes > 0 && bytes / tasks < LARGEST;
    is_worth_it.then(|| Merge { bytes: (bytes / wanted).clamp(1, LARGEST), files })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_small_tasks_become_ten_per_slot() {
        assert_eq!(merge(20, 64_000, 40), Some(Merge { bytes: 3200, files: 2 }));
        assert_eq!(merge(20, 64_000, 64), Some(Merge { bytes: 3200, files: 3 }));
        assert_eq!(merge(10, 1, 10_000), Some(Merge { bytes: 1, files: 1000 }));
    }

    #[test]
    fn few_tasks_and_large_ones_are_left_as_they_are() {
        assert_eq!(merge(20, 64_000, 39), None);
        assert_eq!(merge(0, 64_000, 39), None, "no node is there yet");
        assert_eq!(merge(20, 64 * LARGEST, 64), None);
        assert_eq!(merge(20, 0, 64), None);
        assert_eq!(merge(u64::MAX, 64_000, 64), None);
        assert_eq!(merge(20, 48 * LARGEST, 64), Some(Merge { bytes: LARGEST, files: 3 }));
    }
}
