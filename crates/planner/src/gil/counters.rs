use serde::{Deserialize, Serialize};

/// What the thread that asks for a GIL has counted since it began. Readers subtract an earlier reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GilCounters {
    /// For how long the GIL was watched, in microseconds.
    pub elapsed_us: u64,
    /// How often the thread asked.
    pub samples: u64,
    /// How often it had to wait, because another thread held the GIL.
    pub blocked: u64,
    /// How long it waited in all, in microseconds.
    pub waited_us: u64,
}

/// How a process used its GIL over a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GilShare {
    /// The part of the time in which a thread held it, 0 to 1.
    pub held: f64,
    /// The part of the time in which the thread that asks waited for it, 0 to 1.
    pub waited: f64,
    /// How often it was asked for.
    pub samples: u64,
}

impl GilCounters {
    /// What was counted after an earlier reading of the same counters.
    ///
    /// A reading counts a wait that is not over as it is then. If that turns out otherwise, a figure may be less
    /// than it was; the difference counts as 0.
    pub fn since(self, earlier: Self) -> Self {
        Self {
            elapsed_us: self.elapsed_us.saturating_sub(earlier.elapsed_us),
            samples: self.samples.saturating_sub(earlier.samples),
            blocked: self.blocked.saturating_sub(earlier.blocked),
            waited_us: self.waited_us.saturating_sub(earlier.waited_us),
        }
    }

    /// What was counted in two times together.
    pub fn and(self, other: Self) -> Self {
        Self {
            elapsed_us: self.elapsed_us.saturating_add(other.elapsed_us),
            samples: self.samples.saturating_add(other.samples),
            blocked: self.blocked.saturating_add(other.blocked),
            waited_us: self.waited_us.saturating_add(other.waited_us),
        }
    }

    /// The shares; None if the GIL was never asked for.
    ///
    /// While the thread waits it cannot ask, so it asks less often when the GIL is held, and the part of the
    /// questions that were blocked is less than the part of the time. But while it waits it knows that the GIL is
    /// held. So the time of the waits counts in full, and the blocked part of the questions stands for the rest.
    pub fn share(self) -> Option<GilShare> {
        if self.samples == 0 || self.elapsed_us == 0 {
            return None;
        }
        let elapsed = self.elapsed_us as f64;
        let waited = (self.waited_us as f64 / elapsed).min(1.0);
        let blocked = (self.blocked as f64 / self.samples as f64).min(1.0);
        let held = waited + blocked * (1.0 - waited);
        Some(GilShare { held, waited, samples: self.samples })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gil::gaps::Gaps;

    fn counters(elapsed_us: u64, samples: u64, blocked: u64, waited_us: u64) -> GilCounters {
        GilCounters { elapsed_us, samples, blocked, waited_us }
    }

    #[test]
    fn nothing_is_known_without_samples() {
        assert_eq!(GilCounters::default().share(), None);
        assert_eq!(counters(1_000_000, 0, 0, 0).share(), None);
        assert_eq!(counters(0, 1, 1, 0).share(), None);
    }

    #[test]
    fn waits_count_in_full_and_the_rest_by_samples() {
        let share = |counted: GilCounters| counted.share().expect("samples");
        assert_eq!(share(counters(1_000, 10, 0, 0)).held, 0.0);
        assert_eq!(share(counters(1_000, 10, 10, 300)).held, 1.0);
        let mixed = share(counters(1_000, 10, 5, 200));
        assert!((mixed.held - 0.6).abs() < 1e-9, "{mixed:?}");
        assert_eq!((mixed.waited, mixed.samples), (0.2, 10));
        let more_than_there_was = share(counters(1_000, 10, 11, 2_000));
        assert_eq!((more_than_there_was.held, more_than_there_was.waited), (1.0, 1.0));
    }

    #[test]
    fn readings_are_subtracted_and_added() {
        let (early, late) = (counters(100, 5, 2, 40), counters(300, 9, 1, 90));
        assert_eq!(late.since(early), counters(200, 4, 0, 50), "no figure is below 0");
        assert_eq!(early.and(late), counters(400, 14, 3, 130));
        assert_eq!(late.since(GilCounters::default()), late);
    }

    /// Watches a GIL that is held for the first part of each cycle and let go `after_us` after a question.
    fn watched(cycle_us: u64, held_us: u64, after_us: u64) -> f64 {
        let mut counted = GilCounters::default();
        let mut gaps = Gaps::new(cycle_us ^ held_us);
        while counted.elapsed_us < 600_000_000 {
            counted.elapsed_us += gaps.next_us();
            counted.samples += 1;
            let at = counted.elapsed_us % cycle_us;
            if at < held_us {
                let waited_us = (held_us - at).min(after_us);
                counted.blocked += 1;
                counted.waited_us += waited_us;
                counted.elapsed_us += waited_us;
            }
        }
        counted.share().expect("samples").held
    }

    #[test]
    fn the_share_is_found_whatever_the_rhythm() {
        for cycle_us in [100, 1_000, 10_000, 15_000, 100_000, 1_000_000] {
            for percent in [0, 5, 30, 50, 90, 100] {
                for after_us in [5_000, u64::MAX] {
                    let held = watched(cycle_us, cycle_us * percent / 100, after_us);
                    let share = percent as f64 / 100.0;
                    assert!((held - share).abs() < 0.015, "{cycle_us} {share} {after_us}: {held}");
                }
            }
        }
    }
}
