use crate::instances::footprint::Footprint;
use crate::measured::WORKER_PRIVATE_BYTES;

/// The part of a node's memory that stays free of instances: 1 of so many. Ray's memory monitor ends processes
/// when 95 % of the memory is in use (`RAY_memory_usage_threshold`), and rows need memory as well.
const FREE_PART: u64 = 10;

/// What a worker takes more after its first tasks than when it is idle, in bytes.
const FIRST_TASKS_BYTES: u64 = 22_000_000;

/// What a worker that has started takes without instances, in bytes.
pub(crate) const WORKER_BYTES: u64 = WORKER_PRIVATE_BYTES + FIRST_TASKS_BYTES;

/// The memory of a node as one of its workers saw it last, in bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct NodeMemory {
    /// What processes can still take.
    pub(crate) available: u64,
    /// What the node has.
    pub(crate) total: u64,
}

impl NodeMemory {
    /// Whether instances of these footprints have room beside what will take `reserved` bytes.
    pub(crate) fn fits(self, reserved: u64, needed: impl Iterator<Item = Footprint>) -> bool {
        let needed: u64 = needed.map(Footprint::needed_bytes).sum();
        let taken = reserved.saturating_add(needed).saturating_add(self.total / FREE_PART);
        taken <= self.available
    }
}

/// Whether an instance of so many bytes has room on a node with this memory.
pub fn has_room(bytes: u64, available: u64, total: u64) -> bool {
    let footprint = Footprint { bytes, peak_bytes: 0, seconds: None };
    NodeMemory { available, total }.fits(0, [footprint].into_iter())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_memory_stays_free() {
        let memory = NodeMemory { available: 2_000, total: 4_000 };
        let of = |bytes| Footprint { bytes, peak_bytes: 0, seconds: None };
        assert!(memory.fits(0, [of(1_600)].into_iter()));
        assert!(has_room(1_600, 2_000, 4_000) && !has_room(1_601, 2_000, 4_000));
        assert!(!memory.fits(0, [of(1_601)].into_iter()));
        assert!(!memory.fits(1, [of(1_600)].into_iter()));
        assert!(!memory.fits(0, [of(800), of(801)].into_iter()));
        let with_peak = Footprint { peak_bytes: 1_700, ..of(600) };
        assert!(!memory.fits(0, [with_peak].into_iter()));
    }
}
