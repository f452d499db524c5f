/// A query that took no longer than this gains too little from more tasks, in seconds.
const SHORT_QUERY_S: f64 = 2.0;

/// How long the first query may wait for its fleet to start, in seconds. 16 workers on 2 cores took 13.6 s
/// (measured).
const START_S: f64 = 30.0;

/// Whether a query took long enough that a hint about idle slots is useful.
///
/// `is_first` says whether the query had to wait for its workers to start.
pub fn is_worth_a_hint(seconds: f64, is_first: bool) -> bool {
    seconds > SHORT_QUERY_S + if is_first { START_S } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_query_is_not_worth_a_hint() {
        assert!(!is_worth_a_hint(1.9, false) && is_worth_a_hint(2.1, false));
        assert!(!is_worth_a_hint(14.0, true), "its workers had to start");
        assert!(is_worth_a_hint(33.0, true));
    }
}
