use std::cmp::Reverse;
use std::collections::HashSet;

/// How many states a search visits, which takes milliseconds. Of 1,440 machines of 2 to 4 NUMA nodes, divided
/// into workers of random widths, one needed more.
const SEARCHED_STATES: usize = 10_000;

/// With more workers than this, workers are many and narrow, and a search could improve the first try by almost
/// nothing. The limit also bounds the depth of a search.
const SEARCHED_WORKERS: usize = 512;

/// Which of the NUMA nodes with enough free CPUs is tried first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum First {
    /// The node with the fewest free CPUs, so that wide workers still fit elsewhere (best fit).
    Fullest,
    /// The node with the most free CPUs, so that nodes are loaded equally.
    Emptiest,
}

/// Returns for each worker the index, in `capacities`, of a NUMA node that it fits in as a whole, or `None` if
/// it fits in none next to the others. These are as few workers as possible, as far as the search goes.
///
/// Widest workers go first, those of one width in their order, so that the answer depends only on the two lists
/// and on `first`.
pub fn bin_pack(capacities: &[usize], widths: &[usize], first: First) -> Vec<Option<usize>> {
    let mut order: Vec<usize> = (0..widths.len()).collect();
    order.sort_by_key(|worker| Reverse(widths.get(*worker)));
    let sorted: Vec<usize> =
        order.iter().filter_map(|worker| widths.get(*worker).copied()).collect();

    let mut homes = greedy(capacities, &sorted, first);
    let outside = homes.iter().filter(|home| home.is_none()).count();
    // A worker wider than every node is outside in each answer.
    let widest = capacities.iter().max().copied().unwrap_or(0);
    let least = sorted.iter().filter(|width| **width > widest).count();
    if sorted.len() <= SEARCHED_WORKERS {
        let mut fewer = (least..outside).filter_map(|outside| search(capacities, &sorted, outside));
        homes = fewer.next().unwrap_or(homes);
    }

    let mut by_worker = vec![None; widths.len()];
    for (worker, home) in order.into_iter().zip(homes) {
        if let Some(place) = by_worker.get_mut(worker) {
            *place = home;
        }
    }
    by_worker
}

/// The nodes with `width` free CPUs, in the order of trying.
fn candidates(free: &[usize], width: usize, first: First) -> Vec<usize> {
    let mut fitting: Vec<(usize, usize)> =
        free.iter().copied().enumerate().filter(|(_, free)| *free >= width).collect();
    match first {
        First::Fullest => fitting.sort_by_key(|(_, free)| *free),
        First::Emptiest => fitting.sort_by_key(|(_, free)| Reverse(*free)),
    }
    // Of several nodes with equally many free CPUs, one is enough.
    fitting.dedup_by_key(|(_, free)| *free);
    fitting.into_iter().map(|(node, _)| node).collect()
}

fn greedy(capacities: &[usize], widths: &[usize], first: First) -> Vec<Option<usize>> {
    let mut free = capacities.to_vec();
    let place = |width: &usize| {
        let node = candidates(&free, *width, first).first().copied()?;
        *free.get_mut(node)? -= width;
        Some(node)
    };
    widths.iter().map(place).collect()
}

/// Searches for an answer with at most `outside` workers in no node.
fn search(capacities: &[usize], widths: &[usize], outside: usize) -> Option<Vec<Option<usize>>> {
    let mut search = Search {
        free: capacities.to_vec(),
        homes: Vec::new(),
        failed: HashSet::new(),
        left: SEARCHED_STATES,
    };
    search.place(widths, outside).then_some(search.homes)
}

/// A depth-first search over all ways to place one worker after the other.
struct Search {
    free: Vec<usize>,
    homes: Vec<Option<usize>>,
    /// States without an answer: the number of placed workers, the sorted free CPUs of the nodes, and how many
    /// workers may still be outside.
    failed: HashSet<(usize, Vec<usize>, usize)>,
    left: usize,
}

impl Search {
    fn place(&mut self, widths: &[usize], outside: usize) -> bool {
        let Some((width, rest)) = widths.split_first() else { return true };
        let state = self.state(outside);
        if self.left == 0 || self.failed.contains(&state) {
            return false;
        }
        self.left -= 1;
        for node in candidates(&self.free, *width, First::Fullest) {
            self.take(node, |free| free - width);
            self.homes.push(Some(node));
            if self.place(rest, outside) {
                return true;
            }
            self.homes.pop();
            self.take(node, |free| free + width);
        }
        if outside > 0 {
            self.homes.push(None);
            if self.place(rest, outside - 1) {
                return true;
            }
            self.homes.pop();
        }
        self.failed.insert(state);
        false
    }

    fn state(&self, outside: usize) -> (usize, Vec<usize>, usize) {
        let mut free = self.free.clone();
        free.sort_unstable();
        (self.homes.len(), free, outside)
    }

    fn take(&mut self, node: usize, change: impl Fn(usize) -> usize) {
        if let Some(free) = self.free.get_mut(node) {
            *free = change(*free);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrow_workers_leave_space_for_wide_ones() {
        let homes = bin_pack(&[8, 8], &[2, 2, 8, 4], First::Fullest);
        assert_eq!(homes, [Some(1), Some(1), Some(0), Some(1)]);
    }

    #[test]
    fn nodes_are_loaded_equally_if_the_emptiest_is_first() {
        let homes = bin_pack(&[8, 8], &[2, 2, 2, 2], First::Emptiest);
        assert_eq!(homes, [Some(0), Some(1), Some(0), Some(1)]);
    }

    #[test]
    fn a_search_finds_what_the_first_try_does_not() {
        let widths = [6, 4, 4, 4, 3, 3];
        assert!(greedy(&[12, 12], &widths, First::Fullest).contains(&None));
        for first in [First::Fullest, First::Emptiest] {
            assert!(!bin_pack(&[12, 12], &widths, first).contains(&None));
        }
    }

    #[test]
    fn as_few_as_possible_are_outside() {
        assert_eq!(bin_pack(&[8, 8], &[6, 6, 4], First::Fullest), [Some(0), Some(1), None]);
        assert_eq!(bin_pack(&[8, 8], &[12, 4], First::Fullest), [None, Some(0)]);
        assert_eq!(bin_pack(&[], &[1], First::Fullest), [None]);
    }

    #[test]
    fn a_search_ends_on_large_machines_without_an_answer() {
        // Widths of 5 and 7 never fill all 16 nodes of 64 CPUs, which would be needed.
        let widths: Vec<usize> = (0..170).map(|worker| 5 + worker % 2 * 2).collect();
        let homes = bin_pack(&[64; 16], &widths, First::Fullest);
        assert!(homes.iter().filter(|home| home.is_none()).count() < 16);
    }
}
