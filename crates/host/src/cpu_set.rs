use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// The largest number of a CPU that is believed: kernels are built for 8,192 CPUs at most
/// (`NR_CPUS`, arch/x86/Kconfig). A range beyond it is a mistake and not worth its memory.
pub const MAX_CPU: u32 = 65_535;

/// A set of CPUs, by the kernel's numbers, in ascending order.
///
/// As text it is the kernel's list format, `0-3,8,10-11` ("List format" in `cpuset(7)`). The empty
/// set is the empty text.
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

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a CPU is one of them.
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

    /// Whether all of these CPUs are in the other set.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// Whether none of these CPUs is in the other set.
    pub fn is_disjoint(&self, other: &Self) -> bool {
        self.0.is_disjoint(&other.0)
    }

    /// Takes the lowest `count` CPUs out of this set, or all where it has fewer.
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

impl FromStr for CpuSet {
    type Err = Error;

    /// Reads the list format. Space around the whole and around each part is passed over, parts may
    /// overlap and come in any order. Strides (`0-31:2`), which the kernel reads but never writes,
    /// are refused.
    fn from_str(given: &str) -> Result<Self, Error> {
        let mut cpus = Self::new();
        if given.trim().is_empty() {
            return Ok(cpus);
        }
        for part in given.split(',') {
            let (first, last) = range(part.trim())
                .ok_or_else(|| Error::BadCpuList { given: given.trim().to_owned() })?;
            cpus.extend(first..=last);
        }
        Ok(cpus)
    }
}

fn range(part: &str) -> Option<(u32, u32)> {
    let (first, last) = part.split_once('-').unwrap_or((part, part));
    let (first, last) = (number(first)?, number(last)?);
    (first <= last && last <= MAX_CPU).then_some((first, last))
}

/// Digits alone: a sign, which `parse` takes, is none of the kernel's.
fn number(digits: &str) -> Option<u32> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

impl fmt::Display for CpuSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut cpus = self.iter().peekable();
        let mut between = "";
        while let Some(first) = cpus.next() {
            let mut last = first;
            while let Some(next) = cpus.next_if(|next| last.checked_add(1) == Some(*next)) {
                last = next;
            }
            write!(f, "{between}{first}")?;
            if last > first {
                write!(f, "-{last}")?;
            }
            between = ",";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_the_kernel_writes_them() {
        for (given, expected) in [
            ("0-3,8,10-11\n", vec![0, 1, 2, 3, 8, 10, 11]),
            ("7\n", vec![7]),
            ("\n", vec![]),
            ("", vec![]),
            (" 4 , 0-1 ", vec![0, 1, 4]),
            ("2-3,1-2", vec![1, 2, 3]),
        ] {
            let cpus: CpuSet = given.parse().expect(given);
            assert_eq!(cpus.iter().collect::<Vec<_>>(), expected, "{given:?}");
        }
    }

    #[test]
    fn lists_are_written_as_the_kernel_writes_them() {
        let cpus = CpuSet::from_iter([11, 0, 1, 10, 2, 3, 8]);
        assert_eq!(cpus.to_string(), "0-3,8,10-11");
        assert_eq!(CpuSet::new().to_string(), "");
        assert_eq!(CpuSet::from_iter([u32::MAX]).to_string(), u32::MAX.to_string());
    }

    #[test]
    fn what_is_no_list_is_an_error_that_shows_it() {
        for given in [
            "a",
            "1-",
            "-1",
            "3-1",
            "0,,1",
            "0-1-2",
            "0,",
            "+1",
            "0-31:2",
            "0-65536",
            "99999999999",
        ] {
            let error = given.parse::<CpuSet>().expect_err(given);
            assert_eq!(error, Error::BadCpuList { given: given.to_owned() });
            assert!(error.to_string().contains("0-3,8"), "{error}");
        }
    }

    #[test]
    fn the_lowest_are_taken_first() {
        let mut cpus = CpuSet::from_iter([5, 1, 9]);
        assert_eq!(cpus.take_lowest(2), CpuSet::from_iter([1, 5]));
        assert_eq!(cpus.take_lowest(2), CpuSet::from_iter([9]));
        assert!(cpus.is_empty());
    }
}
