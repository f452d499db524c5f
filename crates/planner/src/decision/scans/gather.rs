//! How the rows of a split scan are put together again, where they leave the query.

use crate::decision::scans::split::TASKS_PER_SLOT;
use crate::query::columns::Growth;

/// How the rows of a query leave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// As partitions in Ray's store, which later queries read.
    Collected,
    /// As files of about so many bytes each.
    Written {
        /// Daft's own target for the size of a file, in bytes of rows.
        file_bytes: u64,
    },
}

/// How finely a scan is cut, and into how many partitions its rows are gathered again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cutting {
    /// About how many tasks there are to be.
    pub tasks: u64,
    /// Into how many partitions the rows are gathered, if there are more than that.
    pub gathered: Option<u64>,
}

impl Output {
    /// The most bytes a slot of what a query reads whose rows are gathered, by how much they may grow.
    ///
    /// They are in Ray's store for that, twice for a moment. Ray gives its store three tenths of a node's memory,
    /// which is some 1 GiB a core. What is collected is there in any case; what is written is not on stock.
    pub(crate) fn room_per_slot(self, growth: Growth) -> u64 {
        match (self, growth) {
            (_, Growth::None) => 64 << 20,
            (Self::Collected, Growth::Some) => 8 << 20,
            _ => 0,
        }
    }
}

/// The most bytes of rows of one partition that is gathered: a task of one worker has all of them at once.
const GATHERED_BYTES_PER_PARTITION: u64 = 256 << 20;

/// Decides how finely a scan is cut for the sake of Python code, so that its query leaves about as many files
/// as stock would, or as many partitions as there are slots.
///
/// Ten tasks a slot even out the work, and they would be as many files or partitions. A file is read back at a
/// cost for ever, and in a shuffle of a later query the cost of partitions grows with their square. So rows are
/// gathered where Ray's store has room for them. Where it may not, each slot writes its own files.
///
/// # Arguments
///
/// * `slots`: the tasks that run at once.
/// * `bytes`: of all that the query reads, as Daft estimates them.
/// * `partitions`: how many the query would leave without a split.
/// * `room_per_slot`: the most bytes a slot whose rows are gathered; 0 if none are.
pub fn cutting(
    output: Output,
    slots: u64,
    bytes: u64,
    partitions: u64,
    room_per_slot: u64,
) -> Cutting {
    let tasks = slots.saturating_mul(TASKS_PER_SLOT);
    let may_gather = room_per_slot > 0 && bytes <= slots.saturating_mul(room_per_slot);
    let fits = |partitions: u64| bytes / partitions.max(1) <= GATHERED_BYTES_PER_PARTITION;
    match output {
        Output::Collected if may_gather => Cutting { tasks, gathered: Some(partitions.max(slots)) },
        Output::Collected => Cutting { tasks, gathered: None },
        Output::Written { file_bytes } => {
            let files = partitions.max(bytes.div_ceil(file_bytes.max(1))).max(1);
            if files >= tasks {
                Cutting { tasks, gathered: None }
            } else if may_gather && fits(files) {
                Cutting { tasks, gathered: Some(files) }
            } else {
                Cutting { tasks: files.max(slots), gathered: None }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;
    const ROOM: u64 = 64 * MIB;
    const FILES: Output = Output::Written { file_bytes: 512 * MIB };

    #[test]
    fn a_small_scan_is_written_as_the_files_of_stock() {
        let one = cutting(FILES, 4, 40 * MIB, 1, ROOM);
        assert_eq!(one, Cutting { tasks: 40, gathered: Some(1) });
        assert_eq!(cutting(FILES, 64, 0, 3, ROOM), Cutting { tasks: 640, gathered: Some(3) });
        assert_eq!(cutting(FILES, 64, 4096 * MIB, 16, ROOM).gathered, Some(16), "of 256 MiB each");
    }

    #[test]
    fn what_does_not_fit_the_store_is_written_by_each_slot() {
        assert_eq!(cutting(FILES, 4, 257 * MIB, 1, ROOM), Cutting { tasks: 4, gathered: None });
        let one_worker = cutting(FILES, 64, 4096 * MIB, 1, ROOM);
        assert_eq!(one_worker, Cutting { tasks: 64, gathered: None }, "of 512 MiB each");
        assert_eq!(cutting(FILES, 4, 40 * MIB, 1, 0), Cutting { tasks: 4, gathered: None });
        let large = cutting(FILES, 4, 5120 * MIB, 1, ROOM);
        assert_eq!(large, Cutting { tasks: 10, gathered: None }, "of 512 MiB each");
        let larger = cutting(FILES, 4, 51_200 * MIB, 1, ROOM);
        assert_eq!(larger, Cutting { tasks: 40, gathered: None }, "each task writes several");
    }

    #[test]
    fn what_is_collected_keeps_a_partition_a_slot() {
        let of = |bytes, partitions, room| cutting(Output::Collected, 16, bytes, partitions, room);
        assert_eq!(of(MIB, 1, ROOM), Cutting { tasks: 160, gathered: Some(16) });
        assert_eq!(of(MIB, 20, ROOM).gathered, Some(20));
        assert_eq!(of(1025 * MIB, 1, ROOM).gathered, None);
        assert_eq!(of(MIB, 1, 0).gathered, None);
    }

    #[test]
    fn what_may_grow_has_less_room() {
        let room = |output: Output| {
            [Growth::None, Growth::Some, Growth::Much]
                .map(|growth| output.room_per_slot(growth) / MIB)
        };
        assert_eq!(room(Output::Collected), [64, 8, 0]);
        assert_eq!(room(FILES), [64, 0, 0], "stock streams what it writes");
    }

    #[test]
    fn numbers_at_their_ends_are_no_fault() {
        let most = u64::MAX;
        for output in [Output::Collected, FILES, Output::Written { file_bytes: 0 }] {
            cutting(output, most, most, most, ROOM);
            cutting(output, 0, 0, 0, ROOM);
        }
    }
}
