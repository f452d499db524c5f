use std::collections::BTreeSet;

use crate::measured::DECODE_US_PER_MIB;

/// How long the Python code of an operator takes, as an earlier query has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownWork {
    /// The name of the operator, as plans have it.
    pub operator: String,
    /// The time for each MiB that the query reads, in microseconds.
    pub us_per_mib: u64,
    /// The part of that time in which it holds the GIL, in thousandths; None if that is not known.
    pub gil_permille: Option<u64>,
}

/// How much of the time the GIL of a worker may be held by the tasks that share it, in thousandths. Above it they
/// wait for each other.
const MOST_HELD_PERMILLE: u64 = 500;

/// How long code may take where tasks share a GIL, in percent of what it took with one of its own.
const MOST_SHARED_PERCENT: u64 = 115;

const MIB: u64 = 1 << 20;

/// How Daft begins the name of a UDF in the statistics of a query. The last part of the UDF's own name follows
/// (0.7.26).
const UDF: &str = "UDF ";

impl KnownWork {
    /// Code whose time is known.
    pub(crate) fn timed(operator: &str, us_per_mib: u64) -> Self {
        Self { operator: operator.to_owned(), us_per_mib, gil_permille: None }
    }

    /// How long a query takes that reads so many bytes for all these operators, in microseconds; None if the time
    /// of one of them is not known.
    pub(crate) fn of_query<'a>(
        known: &[Self],
        mut operators: impl Iterator<Item = &'a str>,
        bytes: u64,
    ) -> Option<u64> {
        let us_per_mib = operators.try_fold(DECODE_US_PER_MIB, |sum, operator| {
            let work = known.iter().find(|work| work.operator == operator)?;
            Some(sum.saturating_add(work.us_per_mib))
        })?;
        let us = u128::from(us_per_mib) * u128::from(bytes) / u128::from(MIB);
        Some(u64::try_from(us).unwrap_or(u64::MAX))
    }

    /// Whether so many tasks of this code can run in one worker and seldom wait for each other's GIL.
    pub(crate) fn shares_gil_among(&self, tasks: u64) -> bool {
        self.gil_permille.is_some_and(|held| held.saturating_mul(tasks) <= MOST_HELD_PERMILLE)
    }

    /// Whether the code took longer where tasks share a GIL than was known of it, so that it is not run there again:
    /// libraries start as many threads for each task as the node has cores, and these get into each other's way.
    pub fn is_slower_shared(&self, known: &[Self]) -> bool {
        let before = known.iter().find(|work| work.operator == self.operator);
        before.is_some_and(|work| {
            let most = u128::from(work.us_per_mib) * u128::from(MOST_SHARED_PERCENT);
            u128::from(self.us_per_mib) * 100 > most
        })
    }

    /// What is known after this was seen: rows of one size may take longer than others, and a busy machine makes
    /// all take longer. So a longer time counts at once, and a shorter one by half.
    pub(crate) fn after(self, known: &[Self]) -> Self {
        let before = known.iter().find(|work| work.operator == self.operator);
        let between = before.map_or(0, |work| work.us_per_mib / 2 + self.us_per_mib / 2);
        let gil_permille = self.gil_permille.or(before.and_then(|work| work.gil_permille));
        Self { us_per_mib: self.us_per_mib.max(between), gil_permille, ..self }
    }

    /// What a query has shown of its operators.
    ///
    /// # Arguments
    ///
    /// * `bytes`: what the query has read.
    /// * `durations`: the name of each operator in Daft's statistics, and its time in all tasks together, in
    ///   microseconds.
    pub(crate) fn seen<'a>(
        operators: impl Iterator<Item = &'a str>,
        bytes: u64,
        durations: &[(String, u64)],
    ) -> Vec<Self> {
        let seen = operators.filter_map(|operator| {
            let us = us_of_operator(operator, durations)?;
            let each = (u128::from(us) * u128::from(MIB)).checked_div(u128::from(bytes))?;
            Some(Self::timed(operator, u64::try_from(each).unwrap_or(u64::MAX)))
        });
        seen.collect()
    }

    /// How long these operators have run in all tasks together, in microseconds. Each is counted once.
    pub(crate) fn us_of<'a>(
        operators: impl Iterator<Item = &'a str>,
        durations: &[(String, u64)],
    ) -> u64 {
        let operators: BTreeSet<&str> = operators.collect();
        let us = operators.into_iter().filter_map(|operator| us_of_operator(operator, durations));
        us.fold(0, u64::saturating_add)
    }
}

/// How long an operator has run in all tasks together, in microseconds; None if the statistics do not have it.
fn us_of_operator(operator: &str, durations: &[(String, u64)]) -> Option<u64> {
    let is_of_it = |name: &str| {
        let udf = name.strip_prefix(UDF)?;
        let rest = operator.strip_suffix(udf)?;
        (rest.is_empty() || rest.ends_with('.')).then_some(())
    };
    let of_it = durations.iter().filter(|(name, _)| is_of_it(name).is_some());
    of_it.map(|(_, us)| *us).reduce(u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(durations: &[(&str, u64)], bytes: u64) -> Vec<KnownWork> {
        let durations: Vec<_> =
            durations.iter().map(|(name, us)| ((*name).to_owned(), *us)).collect();
        KnownWork::seen(["__main__.slow", "m.Model.__call__"].into_iter(), bytes, &durations)
    }

    fn work(operator: &str, us_per_mib: u64) -> KnownWork {
        KnownWork::timed(operator, us_per_mib)
    }

    #[test]
    fn the_time_of_a_udf_is_that_of_all_its_operators() {
        let durations = [("ScanTaskSource", 9), ("UDF slow", 300), ("UDF slow", 100)];
        assert_eq!(of(&durations, 2 * MIB), [work("__main__.slow", 200)]);
        assert_eq!(of(&[("UDF ow", 300), ("Slow", 1), ("UDF main__.slow", 5)], MIB), []);
        assert_eq!(of(&durations, 0), [], "of an unknown size");
    }

    #[test]
    fn a_longer_time_counts_at_once_and_a_shorter_one_by_half() {
        let after = |seen, before| work("f", seen).after(&[work("g", 9), work("f", before)]);
        assert_eq!(after(100, 20), work("f", 100));
        assert_eq!(after(20, 100), work("f", 60));
        assert_eq!(after(u64::MAX, u64::MAX), work("f", u64::MAX));
        assert_eq!(work("f", 5).after(&[]), work("f", 5));
    }

    #[test]
    fn code_that_releases_the_gil_shares_it() {
        let held = |gil_permille| KnownWork { gil_permille, ..work("f", 1) };
        assert!(held(Some(7)).shares_gil_among(64));
        assert!(!held(Some(8)).shares_gil_among(64));
        assert!(held(Some(250)).shares_gil_among(2));
        assert!(!held(None).shares_gil_among(1));
        let known = [work("f", 100)];
        assert!(
            work("f", 116).is_slower_shared(&known) && !work("f", 115).is_slower_shared(&known)
        );
        assert!(!work("g", 999).is_slower_shared(&known));
        assert_eq!(work("f", 1).after(&[held(Some(3))]).gil_permille, Some(3), "still known");
    }

    #[test]
    fn a_query_is_known_if_all_its_python_code_is() {
        let known = [work("f", 200), work("g", 1)];
        let query =
            |operators: &[&str]| KnownWork::of_query(&known, operators.iter().copied(), 4 * MIB);
        assert_eq!(query(&["f", "g"]), Some(4 * (DECODE_US_PER_MIB + 201)));
        assert_eq!(query(&["f", "h"]), None);
    }

    #[test]
    fn extreme_numbers_do_not_overflow() {
        let most = u64::MAX;
        assert_eq!(of(&[("UDF slow", most), ("UDF slow", most)], 1)[0].us_per_mib, most);
        let known = [work("f", most)];
        assert_eq!(KnownWork::of_query(&known, ["f", "f"].into_iter(), most), Some(most));
    }
}
