//! The text form of a set of CPUs: the kernel's list format.

use std::fmt;
use std::str::FromStr;

use crate::cpu_set::{CpuSet, MAX_CPU};
use crate::error::Error;

impl FromStr for CpuSet {
    type Err = Error;

    /// Reads the list format. Spaces around the whole and around each part are ignored; parts may overlap and
    /// come in any order. Strides (`0-31:2`), which the kernel reads but never writes, are refused.
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

/// Only digits count: `parse` accepts a sign, which the kernel never writes.
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
    fn another_text_is_an_error_that_quotes_it() {
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
}
