//! How the rows of a split scan are put together again, where they leave the query.

use crate::split::TASKS_PER_SLOT;

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

/// The most bytes of rows a slot that are gathered. They are in Ray's store for that, twice for a moment, and
/// Python code may have made them several times as large as the scan: Ray gives its store three tenths of a
/// node's memory, so a core has room for some ten times this much.
const GATHERED_BYTES_PER_SLOT: u64 = 64 << 20;

/// Types of columns whose values may be far larger than what they were made of, as Daft prints them.
const BULKY: [&str; 9] =
    ["Binary", "Image", "Tensor", "Python", "File", "Extension", "Embedding", "List", "Map"];

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
/// * `may_gather`: whether nothing makes the rows far larger than the scan, and Daft can gather them.
pub fn cutting(
    output: Output,
    slots: u64,
    bytes: u64,
    partitions: u64,
    may_gather: bool,
) -> Cutting {
    let tasks = slots.saturating_mul(TASKS_PER_SLOT);
    let may_gather = may_gather && bytes <= slots.saturating_mul(GATHERED_BYTES_PER_SLOT);
    match output {
        Output::Collected if may_gather => Cutting { tasks, gathered: Some(partitions.max(slots)) },
        Output::Collected => Cutting { tasks, gathered: None },
        Output::Written { file_bytes } => {
            let files = partitions.max(bytes.div_ceil(file_bytes.max(1))).max(1);
            if files >= tasks {
                Cutting { tasks, gathered: None }
            } else if may_gather {
                Cutting { tasks, gathered: Some(files) }
            } else {
                Cutting { tasks: files.max(slots), gathered: None }
            }
        }
    }
}

/// Whether a column of this type may be far larger than what it was made of.
pub(crate) fn is_bulky(data_type: &str) -> bool {
    BULKY.iter().any(|bulky| data_type.contains(bulky))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;
    const FILES: Output = Output::Written { file_bytes: 512 * MIB };

    #[test]
    fn a_small_scan_is_written_as_the_files_of_stock() {
        let one = cutting(FILES, 4, 40 * MIB, 1, true);
        assert_eq!(one, Cutting { tasks: 40, gathered: Some(1) });
        assert_eq!(cutting(FILES, 64, 0, 3, true), Cutting { tasks: 640, gathered: Some(3) });
        assert_eq!(cutting(FILES, 64, 4096 * MIB, 1, true).gathered, Some(8), "of 512 MiB each");
    }

    #[test]
    fn what_does_not_fit_the_store_is_written_by_each_slot() {
        assert_eq!(cutting(FILES, 4, 257 * MIB, 1, true), Cutting { tasks: 4, gathered: None });
        assert_eq!(cutting(FILES, 4, 40 * MIB, 1, false), Cutting { tasks: 4, gathered: None });
        let large = cutting(FILES, 4, 5120 * MIB, 1, true);
        assert_eq!(large, Cutting { tasks: 10, gathered: None }, "of 512 MiB each");
        let larger = cutting(FILES, 4, 51_200 * MIB, 1, true);
        assert_eq!(larger, Cutting { tasks: 40, gathered: None }, "each task writes several");
    }

    #[test]
    fn what_is_collected_keeps_a_partition_a_slot() {
        let of = |bytes, partitions, may_gather| {
            cutting(Output::Collected, 16, bytes, partitions, may_gather)
        };
        assert_eq!(of(MIB, 1, true), Cutting { tasks: 160, gathered: Some(16) });
        assert_eq!(of(MIB, 20, true).gathered, Some(20));
        assert_eq!(of(1025 * MIB, 1, true).gathered, None);
        assert_eq!(of(MIB, 1, false).gathered, None);
    }

    #[test]
    fn numbers_at_their_ends_are_no_fault() {
        let most = u64::MAX;
        for output in [Output::Collected, FILES, Output::Written { file_bytes: 0 }] {
            cutting(output, most, most, most, true);
            cutting(output, 0, 0, 0, true);
        }
    }

    #[test]
    fn types_that_may_be_large_are_known() {
        for bulky in [
            "Binary",
            "List[Int64]",
            "Image[MIXED]",
            "Tensor[Float32]",
            "Python",
            "Embedding[Float32; 1536]",
        ] {
            assert!(is_bulky(bulky), "{bulky}");
        }
        for small in ["String", "Int64", "Struct[a: Int64]", "Decimal[precision: 10, scale: 2]"] {
            assert!(!is_bulky(small), "{small}");
        }
    }
}
