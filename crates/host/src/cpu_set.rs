use std::collections::BTreeSet;

/// The largest accepted number of a CPU: kernels are built for at most 8,192 CPUs (`NR_CPUS`,
/// arch/x86/Kconfig). A range beyond it is a mistake and not worth its memory.
pub const MAX_CPU: u32 = 65_535;

/// A set of CPUs, by the kernel's numbers, in ascending order.
///
/// The text form is the kernel's list format, `0-3,8,10-11` ("List format" in `cpuset(7)`). The text of the
/// empty set is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CpuSet(BTreeSet<u32>);

impl CpuSet {
    /// The empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many CPUs there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the set contains a CPU.
    pub fn contains(&self, cpu: u32) -> bool {
        self.0.contains(&cpu)
    }

    /// The lowest CPU.
    pub fn first(&self) -> Option<u32> {
        self.0.first().copied()
    }

    /// The CPUs, lowest first.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().copied()
    }

    /// Adds a CPU.
    pub fn insert(&mut self, cpu: u32) {
        self.0.insert(cpu);
    }

    /// The CPUs that are in both sets.
    pub fn intersection(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).copied().collect())
    }

    /// The CPUs that are in this set and not in the other.
    pub fn difference(&self, other: &Self) -> Self {
        Self(self.0.difference(&other.0).copied().collect())
    }

    /// Takes the lowest `count` CPUs out of this set, or all if it has fewer.
    pub(crate) fn take_lowest(&mut self, count: usize) -> Self {
        let taken: Self = self.iter().take(count).collect();
        self.0.retain(|cpu| !taken.contains(*cpu));
        taken
    }
}

impl FromIterator<u32> for CpuSet {
    fn from_iter<I: IntoIterator<Item = u32>>(cpus: I) -> Self {
        Self(cpus.into_iter().collect())
    }
}

impl Extend<u32> for CpuSet {
    fn extend<I: IntoIterator<Item = u32>>(&mut self, cpus: I) {
        self.0.extend(cpus);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_are_taken_first() {
        let mut cpus = CpuSet::from_iter([5, 1, 9]);
        assert_eq!(cpus.take_lowest(2), CpuSet::from_iter([1, 5]));
        assert_eq!(cpus.take_lowest(2), CpuSet::from_iter([9]));
        assert!(cpus.is_empty());
    }
}
