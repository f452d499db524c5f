//! How the rows of a split scan are gathered again before they leave the query.

use crate::query::columns::Growth;

/// How the rows of a query leave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// As partitions in Ray's object store, which later queries read.
    Collected,
    /// As files of about this size each.
    Written {
        /// Daft's own target for the size of a file, in bytes of rows.
        file_bytes: u64,
    },
}

/// How finely a scan is split, and into how many partitions its rows are gathered again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SplitGoal {
    /// About how many tasks the scan should have.
    pub tasks: u64,
    /// Into how many partitions the rows are gathered, if there are more than that.
    pub gathered: Option<u64>,
}

impl Output {
    /// The most bytes that a query may read per slot if its rows are gathered, depending on how much they may
    /// grow.
    ///
    /// Gathering keeps the rows in Ray's object store, twice for a moment. Ray gives its store three tenths of
    /// a node's memory, which is about 1 GiB per core. Collected rows are in the store in any case; written
    /// rows are not on stock Daft.
    pub(crate) fn gathered_bytes_per_slot(self, growth: Growth) -> u64 {
        match (self, growth) {
            (_, Growth::None) => 64 << 20,
            (Self::Collected, Growth::Some) => 8 << 20,
            _ => 0,
        }
    }
}

/// The most bytes of rows of one gathered partition: one task of one worker holds all of them at once.
const GATHERED_BYTES_PER_PARTITION: u64 = 256 << 20;

/// Decides how finely a scan is split for Python code, so that its query leaves about as many files as on stock
/// Daft, or as many partitions as there are slots.
///
/// Ten tasks per slot even out the work, but they would leave as many files or partitions. Reading back many
/// files costs time for ever, and the cost of partitions in a shuffle of a later query grows with their square.
/// So rows are gathered if Ray's store has room for them. If it may not have room, each slot writes its own
/// files.
///
/// # Arguments
///
/// * `slots`: the tasks that run at once.
/// * `wanted`: about how many tasks suit the Python code.
/// * `bytes`: everything that the query reads, as Daft estimates it, in bytes.
/// * `partitions`: how many partitions the query would leave without a split.
/// * `gathered_bytes_per_slot`: the most bytes per slot of which rows are gathered; 0 if none are.
pub fn split_goal(
    output: Output,
    slots: u64,
    wanted: u64,
    bytes: u64,
    partitions: u64,
    gathered_bytes_per_slot: u64,
) -> SplitGoal {
    let tasks = wanted;
    let may_gather =
        gathered_bytes_per_slot > 0 && bytes <= slots.saturating_mul(gathered_bytes_per_slot);
    let fits = |partitions: u64| bytes / partitions.max(1) <= GATHERED_BYTES_PER_PARTITION;
    match output {
        Output::Collected if may_gather => {
            SplitGoal { tasks, gathered: Some(partitions.max(slots)) }
        }
        Output::Collected => SplitGoal { tasks, gathered: None },
        Output::Written { file_bytes } => {
            let files = partitions.max(bytes.div_ceil(file_bytes.max(1))).max(1);
            if files >= tasks {
                SplitGoal { tasks, gathered: None }
            } else if may_gather && fits(files) {
                SplitGoal { tasks, gathered: Some(files) }
            } else {
                SplitGoal { tasks: files.max(slots), gathered: None }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;
    const PER_SLOT: u64 = 64 * MIB;
    const FILES: Output = Output::Written { file_bytes: 512 * MIB };

    #[test]
    fn a_small_scan_is_written_as_many_files_as_on_stock() {
        let one = split_goal(FILES, 4, 40, 40 * MIB, 1, PER_SLOT);
        assert_eq!(one, SplitGoal { tasks: 40, gathered: Some(1) });
        assert_eq!(
            split_goal(FILES, 64, 640, 0, 3, PER_SLOT),
            SplitGoal { tasks: 640, gathered: Some(3) }
        );
        assert_eq!(
            split_goal(FILES, 64, 640, 4096 * MIB, 16, PER_SLOT).gathered,
            Some(16),
            "of 256 MiB each"
        );
    }

    #[test]
    fn each_slot_writes_what_does_not_fit_the_store() {
        assert_eq!(
            split_goal(FILES, 4, 40, 257 * MIB, 1, PER_SLOT),
            SplitGoal { tasks: 4, gathered: None }
        );
        let one_worker = split_goal(FILES, 64, 640, 4096 * MIB, 1, PER_SLOT);
        assert_eq!(one_worker, SplitGoal { tasks: 64, gathered: None }, "of 512 MiB each");
        assert_eq!(
            split_goal(FILES, 4, 40, 40 * MIB, 1, 0),
            SplitGoal { tasks: 4, gathered: None }
        );
        let large = split_goal(FILES, 4, 40, 5120 * MIB, 1, PER_SLOT);
        assert_eq!(large, SplitGoal { tasks: 10, gathered: None }, "of 512 MiB each");
        let larger = split_goal(FILES, 4, 40, 51_200 * MIB, 1, PER_SLOT);
        assert_eq!(larger, SplitGoal { tasks: 40, gathered: None }, "each task writes several");
    }

    #[test]
    fn collected_rows_keep_one_partition_per_slot() {
        let of = |bytes, partitions, most| {
            split_goal(Output::Collected, 16, 160, bytes, partitions, most)
        };
        assert_eq!(of(MIB, 1, PER_SLOT), SplitGoal { tasks: 160, gathered: Some(16) });
        assert_eq!(of(MIB, 20, PER_SLOT).gathered, Some(20));
        assert_eq!(of(1025 * MIB, 1, PER_SLOT).gathered, None);
        assert_eq!(of(MIB, 1, 0).gathered, None);
    }

    #[test]
    fn rows_that_may_grow_are_gathered_from_less_input() {
        let per_slot = |output: Output| {
            [Growth::None, Growth::Some, Growth::Much]
                .map(|growth| output.gathered_bytes_per_slot(growth) / MIB)
        };
        assert_eq!(per_slot(Output::Collected), [64, 8, 0]);
        assert_eq!(per_slot(FILES), [64, 0, 0], "stock streams what it writes");
    }

    #[test]
    fn extreme_numbers_do_not_overflow() {
        let most = u64::MAX;
        for output in [Output::Collected, FILES, Output::Written { file_bytes: 0 }] {
            split_goal(output, most, most, most, most, PER_SLOT);
            split_goal(output, 0, 0, 0, 0, PER_SLOT);
        }
    }
}
