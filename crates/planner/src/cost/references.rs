use crate::cost::fleet_size::FleetSize;
use crate::measured::{REFERENCE_BYTES, REFERENCE_RUNNER_US, REFERENCE_WORKER_US};

/// References take at most one of this many parts of a node's memory.
const PART_OF_MEMORY: u64 = 20;

/// The memory of the references that a shuffle of so many tasks holds in the head's process, in bytes.
///
/// Daft keeps one for each task and partition, and makes as many partitions as there are tasks for joins and
/// sorts (`pipeline_node/shuffles/backends/ray.rs`, 0.7.24).
pub(crate) fn reference_bytes(tasks: u64) -> u64 {
    tasks.saturating_mul(tasks).saturating_mul(REFERENCE_BYTES)
}

/// How long the references of shuffles above so many tasks take, in microseconds.
pub(crate) fn shuffling_us(fleet: FleetSize, shuffles: u64, tasks: u64) -> u64 {
    tasks.saturating_mul(tasks).saturating_mul(shuffles).saturating_mul(reference_us(fleet))
}

/// The most tasks below shuffles whose references take no longer than so many microseconds.
pub(crate) fn most_shuffled_within(fleet: FleetSize, shuffles: u64, us: u64) -> u64 {
    match shuffles {
        0 => u64::MAX,
        _ => (us / shuffles / reference_us(fleet)).isqrt().max(1),
    }
}

fn reference_us(fleet: FleetSize) -> u64 {
    REFERENCE_RUNNER_US + REFERENCE_WORKER_US / fleet.slots.max(1)
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
    fn they_take_time_of_the_runner_and_of_the_slots() {
        let fleet = |slots| FleetSize { workers: slots, slots };
        assert_eq!(shuffling_us(fleet(64), 1, 176) / 1000, 11_894, "a second in 6 tasks");
        assert_eq!(shuffling_us(fleet(64), 0, 176), 0);
        assert_eq!(shuffling_us(fleet(0), u64::MAX, u64::MAX), u64::MAX);
        for (slots, shuffles) in [(1, 1), (4, 1), (64, 1), (64, 2), (6400, 1)] {
            let most = most_shuffled_within(fleet(slots), shuffles, 1_000_000);
            let us = |tasks| shuffling_us(fleet(slots), shuffles, tasks);
            assert!(us(most) <= 1_000_000 && us(most + 1) > 1_000_000, "{slots} {shuffles}");
        }
        assert_eq!(most_shuffled_within(fleet(4), 0, 1), u64::MAX);
    }

    #[test]
    fn they_take_a_twentieth_of_a_node_s_memory() {
        let of = |gib: u64| most_below_shuffle(gib << 30);
        assert_eq!([0, 1, 24, 256].map(of), [1, 132, 647, 2115]);
        assert!(reference_bytes(of(64)) <= (64 << 30) / 20);
    }
}
