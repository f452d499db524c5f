use serde::Deserialize;

/// A NUMA node of a node of the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Numa {
    /// The operating system's number of the NUMA node.
    pub id: u32,
    /// How many of its CPUs workers may use.
    pub cpus: u32,
    /// Its memory, in bytes.
    pub memory_bytes: u64,
}

/// Splits `cpus` among NUMA nodes in proportion to the CPUs of each, by largest remainder and at least 1 each.
///
/// If there are fewer CPUs than NUMA nodes, the largest NUMA nodes get one each. Returns the number of each
/// NUMA node that gets CPUs and how many, in the order of `numa`.
pub(crate) fn split(cpus: u32, numa: &[Numa]) -> Vec<(u32, u32)> {
    let mut by_size: Vec<usize> = (0..numa.len()).collect();
    let size = |place: &usize| numa.get(*place).map_or(0, |numa| u64::from(numa.cpus));
    by_size.sort_by_key(|place| std::cmp::Reverse(size(place)));
    by_size.truncate(cpus as usize);
    // From the smallest NUMA node on, each whose proportion is less than one CPU gets one, and the others share
    // the rest.
    let mut left = u64::from(cpus);
    let mut total: u64 = by_size.iter().map(size).sum();
    let mut shares: Vec<(usize, u64)> = Vec::with_capacity(by_size.len());
    while let Some(smallest) = by_size.last().filter(|place| left * size(place) < total).copied() {
        by_size.pop();
        total -= size(&smallest);
        left -= 1;
        shares.push((smallest, 1));
    }
    let due = |place: &usize| left * size(place);
    let spare = left - by_size.iter().map(|place| due(place) / total.max(1)).sum::<u64>();
    by_size.sort_by_key(|place| (std::cmp::Reverse(due(place) % total.max(1)), *place));
    shares.extend(
        by_size
            .iter()
            .zip(0..)
            .map(|(place, rank)| (*place, due(place) / total.max(1) + u64::from(rank < spare))),
    );
    shares.sort_unstable();
    let share =
        |(place, cpus): (usize, u64)| Some((numa.get(place)?.id, u32::try_from(cpus).ok()?));
    shares.into_iter().filter_map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(cpus: u32, sizes: &[u32]) -> Vec<(u32, u32)> {
        let numa: Vec<_> =
            (0..).zip(sizes).map(|(id, cpus)| Numa { id, cpus: *cpus, memory_bytes: 0 }).collect();
        split(cpus, &numa)
    }

    #[test]
    fn cpus_follow_the_numa_nodes() {
        assert_eq!(shares(8, &[4, 4]), [(0, 4), (1, 4)]);
        assert_eq!(shares(16, &[7, 1]), [(0, 14), (1, 2)]);
        assert_eq!(shares(7, &[8, 8]), [(0, 4), (1, 3)]);
        assert_eq!(shares(10, &[1, 2, 3]), [(0, 2), (1, 3), (2, 5)]);
        assert_eq!(shares(5, &[64]), [(0, 5)]);
    }

    #[test]
    fn each_gets_at_least_one_while_cpus_last() {
        assert_eq!(shares(4, &[1, 100, 1]), [(0, 1), (1, 2), (2, 1)]);
        assert_eq!(shares(2, &[1, 3, 2]), [(1, 1), (2, 1)]);
        assert_eq!(shares(1, &[2, 2]), [(0, 1)]);
        assert_eq!(shares(3, &[u32::MAX, u32::MAX, 1]), [(0, 1), (1, 1), (2, 1)]);
    }
}
