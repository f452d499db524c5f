use std::cmp::Reverse;

use crate::cpu_set::CpuSet;

/// The CPUs that a worker gets from one NUMA node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// The index of the worker.
    pub worker: usize,
    /// How many CPUs the worker gets.
    pub width: usize,
}

/// The cores of one NUMA node, with the free CPUs of each.
pub struct CoreAllocator {
    /// Cores that are completely free, by their lowest CPUs.
    whole: Vec<CpuSet>,
    /// The free CPUs of the other cores.
    broken: Vec<CpuSet>,
}

impl CoreAllocator {
    /// Makes an allocator of the CPUs of `cores` that are in `cpus`.
    pub fn new(cores: &[CpuSet], cpus: &CpuSet) -> Self {
        let whole = cores.iter().map(|core| core.intersection(cpus));
        Self { whole: whole.filter(|core| !core.is_empty()).collect(), broken: Vec::new() }
    }

    /// Allocates CPUs to the pieces, in the order of the pieces. Together they must not be wider than the
    /// cores.
    ///
    /// Each piece gets whole cores first, the largest that it can fill. Only then is a core broken for the rest
    /// of a piece, and shared with another piece only if there are too few cores for all.
    pub fn allocate(mut self, pieces: &[Piece]) -> Vec<CpuSet> {
        let mut sets = vec![CpuSet::new(); pieces.len()];
        let mut rests = Vec::new();
        let mut order: Vec<usize> = (0..pieces.len()).collect();
        order.sort_by_key(|place| Reverse(pieces.get(*place).map(|piece| piece.width)));
        for place in order {
            let (Some(piece), Some(set)) = (pieces.get(place), sets.get_mut(place)) else {
                continue;
            };
            while let Some(core) = self.take_whole(piece.width - set.len()) {
                set.extend(core.iter());
            }
            if set.len() < piece.width {
                rests.push((place, piece.width - set.len()));
            }
        }
        rests.sort_by_key(|(_, rest)| Reverse(*rest));
        for (done, (place, rest)) in rests.iter().enumerate() {
            let cpus = self.take_part(*rest, rests.len() - done);
            if let Some(set) = sets.get_mut(*place) {
                set.extend(cpus.iter());
            }
        }
        sets
    }

    /// Takes the largest whole core of at most `most` CPUs, the lowest of several.
    fn take_whole(&mut self, most: usize) -> Option<CpuSet> {
        let fitting = self.whole.iter().enumerate().filter(|(_, core)| core.len() <= most);
        let (place, _) = fitting.min_by_key(|(_, core)| Reverse(core.len()))?;
        Some(self.whole.remove(place))
    }

    /// Takes `count` CPUs, fewer than a whole core has, for one of `takers` pieces that need a part of a core.
    fn take_part(&mut self, count: usize, takers: usize) -> CpuSet {
        let shared = smallest(&self.broken, count);
        let place = match shared {
            Some(place) if self.whole.len() < takers => Some(place),
            _ => self.break_core(count).or(shared),
        };
        if let Some(core) = place.and_then(|place| self.broken.get_mut(place)) {
            return core.take_lowest(count);
        }
        // No core has enough free CPUs: take them from several, the largest parts first.
        self.broken.sort_by_key(|core| Reverse(core.len()));
        let mut taken = CpuSet::new();
        for core in &mut self.broken {
            taken.extend(core.take_lowest(count - taken.len()).iter());
        }
        taken
    }

    /// Breaks the smallest whole core that has `count` CPUs and returns its index among the broken cores.
    fn break_core(&mut self, count: usize) -> Option<usize> {
        let core = self.whole.remove(smallest(&self.whole, count)?);
        self.broken.push(core);
        self.broken.len().checked_sub(1)
    }
}

/// The index of the smallest set of at least `least` CPUs, the first of several.
fn smallest(cores: &[CpuSet], least: usize) -> Option<usize> {
    let fitting = cores.iter().enumerate().filter(|(_, core)| core.len() >= least);
    fitting.min_by_key(|(_, core)| core.len()).map(|(place, _)| place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allocated(cores: &[&str], widths: &[usize]) -> Vec<String> {
        let cores: Vec<CpuSet> = cores.iter().map(|core| core.parse().expect("core")).collect();
        let cpus = cores.iter().flat_map(CpuSet::iter).collect();
        let pieces: Vec<Piece> = widths
            .iter()
            .enumerate()
            .map(|(worker, width)| Piece { worker, width: *width })
            .collect();
        CoreAllocator::new(&cores, &cpus).allocate(&pieces).iter().map(CpuSet::to_string).collect()
    }

    #[test]
    fn siblings_stay_together() {
        assert_eq!(allocated(&["0,4", "1,5", "2,6", "3,7"], &[2, 4, 2]), ["2,6", "0-1,4-5", "3,7"]);
    }

    #[test]
    fn odd_workers_share_a_core_only_if_there_are_too_few() {
        assert_eq!(allocated(&["0-1", "2-3", "4-5"], &[3, 3]), ["0-1,4", "2-3,5"]);
        assert_eq!(allocated(&["0-1", "2-3", "4-5", "6-7"], &[3, 3]), ["0-1,4", "2-3,6"]);
        assert_eq!(allocated(&["0-1", "2-3"], &[1, 1, 1]), ["0", "1", "2"]);
        assert_eq!(allocated(&["0-1", "2-3"], &[1, 1]), ["0", "2"]);
    }

    #[test]
    fn cores_of_one_cpu_go_to_pieces_that_need_just_one() {
        // Performance cores with siblings next to efficiency cores without.
        assert_eq!(allocated(&["0-1", "2-3", "4", "5"], &[1, 3, 2]), ["5", "0-1,4", "2-3"]);
    }

    #[test]
    fn parts_come_from_several_cores_if_none_has_enough() {
        assert_eq!(allocated(&["0-3", "4-7"], &[3, 3, 2]), ["0-2", "4-6", "3,7"]);
    }
}
