use crate::measured::REFERENCE_BYTES;

/// References take at most one of this many parts of a node's memory.
const PART_OF_MEMORY: u64 = 20;

/// The memory of the references that a shuffle of so many tasks holds in the head's process, in bytes.
///
/// Daft keeps one for each task and partition, and makes as many partitions as there are tasks for joins and
/// sorts (`pipeline_node/shuffles/backends/ray.rs`, 0.7.24).
pub(crate) fn reference_bytes(tasks: u64) -> u64 {
    tasks.saturating_mul(tasks).saturating_mul(REFERENCE_BYTES)
}

/// The most tasks below a shuffle whose references leave the head enough memory.
///
/// # Arguments
///
/// * `memory_bytes`: the memory of the smallest node, because any node may be the head.
pub(crate) fn most_below_shuffle(memory_bytes: u64) -> u64 {
    (memory_bytes / PART_OF_MEMORY / REFERENCE_BYTES).isqrt().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_grow_with_the_square_of_the_tasks() {
        assert_eq!(reference_bytes(640) / 1_000_000, 1258);
        assert_eq!(reference_bytes(6400) / 1_000_000_000, 125);
        assert_eq!(reference_bytes(u64::MAX), u64::MAX);
    }

    #[test]
    fn they_take_a_twentieth_of_a_node_s_memory() {
        let of = |gib: u64| most_below_shuffle(gib << 30);
        assert_eq!([0, 1, 24, 256].map(of), [1, 132, 647, 2115]);
        assert!(reference_bytes(of(64)) <= (64 << 30) / 20);
    }
}
