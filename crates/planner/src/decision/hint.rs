/// A query that was over so soon gains too little from more tasks for anybody to wait less, in seconds.
const SOON_S: f64 = 2.0;

/// How long the start of a fleet may take, which the first query on it waits for, in seconds: 13.6 for 16
/// workers on 2 cores (measured).
const START_S: f64 = 30.0;

/// Whether a query took so long that what left slots without work is worth a word.
///
/// `is_first` is whether it had to wait for its workers to start.
pub fn is_worth_a_hint(seconds: f64, is_first: bool) -> bool {
    seconds > SOON_S + if is_first { START_S } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_over_at_once_is_not_worth_a_hint() {
        assert!(!is_worth_a_hint(1.9, false) && is_worth_a_hint(2.1, false));
        assert!(!is_worth_a_hint(14.0, true), "its workers had to start");
        assert!(is_worth_a_hint(33.0, true));
    }
}
