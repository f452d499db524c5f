/// The shortest wait for a GIL that another thread held, in nanoseconds. 99 of 100 questions for which the thread
/// slept took longer (Linux 6.18, two CPUs).
const SHORTEST_WAIT_NS: u64 = 5_000;

/// The same where the kernel does not tell whether the thread has slept. On a busy machine 99 of 100 free ones
/// took less than 35 µs.
const SHORTEST_UNSURE_WAIT_NS: u64 = 50_000;

/// One question for the GIL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// The time from the question to the answer, in nanoseconds.
    pub took_ns: u64,
    /// What the kernel did with the thread meanwhile, if it tells.
    pub scheduled: Option<ScheduledMeanwhile>,
}

/// What the kernel did with a thread over a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScheduledMeanwhile {
    /// How often it got a CPU.
    pub runs: u64,
    /// How long it could have run but had no CPU, in nanoseconds.
    pub queued_ns: u64,
}

impl Look {
    /// Whether so short an answer needs no second look at what the kernel did.
    pub fn is_surely_free(took_ns: u64) -> bool {
        took_ns < SHORTEST_WAIT_NS
    }

    /// How long the thread waited for the GIL, in nanoseconds; None if the GIL was free.
    ///
    /// On a busy machine a free GIL may take milliseconds too, because the thread that asks loses its CPU. The
    /// kernel counts that time, so such an answer is told from one for which the thread slept. In a wait, the time
    /// without a CPU counts: mostly the other thread goes on meanwhile.
    pub fn waited_ns(self) -> Option<u64> {
        let has_waited = match self.scheduled {
            Some(ScheduledMeanwhile { runs, queued_ns }) => {
                runs > 0 && self.took_ns.saturating_sub(queued_ns) >= SHORTEST_WAIT_NS
            }
            None => self.took_ns >= SHORTEST_UNSURE_WAIT_NS,
        };
        has_waited.then_some(self.took_ns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waited(took_us: u64, scheduled: Option<(u64, u64)>) -> Option<u64> {
        let scheduled = scheduled
            .map(|(runs, queued_us)| ScheduledMeanwhile { runs, queued_ns: queued_us * 1_000 });
        let look = Look { took_ns: took_us * 1_000, scheduled };
        look.waited_ns().map(|waited| waited / 1_000)
    }

    #[test]
    fn a_thread_that_never_lost_its_cpu_did_not_wait() {
        assert_eq!(waited(1, Some((0, 0))), None);
        assert_eq!(waited(900, Some((0, 0))), None, "an interrupt took that long");
    }

    #[test]
    fn a_thread_that_only_queued_for_a_cpu_did_not_wait() {
        assert_eq!(waited(4_003, Some((1, 4_000))), None);
        assert_eq!(waited(3, Some((1, 10))), None, "it queued before the question");
    }

    #[test]
    fn a_thread_that_slept_has_waited_until_it_went_on() {
        assert_eq!(waited(5_100, Some((2, 60))), Some(5_100));
        assert_eq!(waited(30, Some((1, 10))), Some(30), "a short hold");
    }

    #[test]
    fn without_the_kernel_the_time_decides() {
        assert_eq!(waited(5_000, None), Some(5_000));
        assert_eq!(waited(40, None), None);
        assert!(Look::is_surely_free(2_000) && !Look::is_surely_free(5_000));
    }
}
