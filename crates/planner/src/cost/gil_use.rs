//! How much of its time Python code holds the GIL, from what workers saw while a query ran.

/// How one worker used its GIL while a query ran.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GilUse {
    /// How many tasks the worker runs at once.
    pub slots: u32,
    /// The part of the time in which a thread held its GIL, 0 to 1.
    pub held: f64,
    /// How long it was watched, in microseconds.
    pub elapsed_us: u64,
}

/// How long Python code must have run for its share to be known, in microseconds. A worker that begins imports what
/// it needs, and holds the GIL for that.
pub(crate) const LEAST_WORK_US: u64 = 1_000_000;

/// From which part of the time on a worker of several slots has no GIL to spare. Its tasks then wait for each
/// other, and what they held it for says little about how long they would hold one of their own.
const SATURATED: f64 = 0.7;

/// The part of its time in which Python code held the GIL, in thousandths; None if it has run for too short a time.
///
/// # Arguments
///
/// * `work_us`: how long it ran in all tasks together, in microseconds.
/// * `workers`: all workers that may have run it.
pub(crate) fn gil_permille(work_us: u64, workers: &[GilUse]) -> Option<u64> {
    if work_us < LEAST_WORK_US || workers.is_empty() {
        return None;
    }
    if workers.iter().any(|worker| worker.slots > 1 && worker.held >= SATURATED) {
        return Some(1000);
    }
    let held_us = workers.iter().map(|worker| worker.held * worker.elapsed_us as f64).sum::<f64>();
    Some((held_us * 1000.0 / work_us as f64).round().clamp(0.0, 1000.0) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: u64 = 1_000_000;

    fn worker(slots: u32, held: f64) -> GilUse {
        GilUse { slots, held, elapsed_us: 10 * S }
    }

    #[test]
    fn what_all_workers_held_is_divided_by_the_time_of_the_code() {
        let two = [worker(1, 0.25), worker(1, 0.05)];
        assert_eq!(gil_permille(10 * S, &two), Some(300));
        assert_eq!(gil_permille(S, &two), Some(1000), "more than all of it");
        assert_eq!(gil_permille(S - 1, &two), None, "too short");
        assert_eq!(gil_permille(S, &[]), None);
        assert_eq!(gil_permille(S, &[worker(1, f64::NAN)]), Some(0));
    }

    #[test]
    fn a_worker_whose_slots_wait_for_its_gil_tells_that_they_do() {
        assert_eq!(gil_permille(640 * S, &[worker(64, 0.9)]), Some(1000));
        assert_eq!(gil_permille(640 * S, &[worker(64, 0.64)]), Some(10));
        assert_eq!(gil_permille(10 * S, &[worker(1, 0.9)]), Some(900), "a GIL of its own");
    }
}
