/// The longest wait, in seconds.
const LONGEST_WAIT_S: u64 = 60;

/// The wait after the second failure, in seconds. Daft asks for missing workers every 5 s
/// (`REFRESH_INTERVAL_SECS` in `worker_manager.rs`, 0.5.22 to 0.7.26).
const FIRST_WAIT_S: u64 = 10;

/// How long to wait before protoplast tries again to start a worker that could not be started, in seconds.
///
/// After the first failure the worker is tried at Daft's next request, then after twice as long each time: a
/// node that refuses costs little, and one that recovers is back within a minute.
pub fn retry_after_s(failures: u32) -> u64 {
    match failures {
        0 | 1 => 0,
        more => FIRST_WAIT_S.saturating_mul(2_u64.saturating_pow(more - 2)).min(LONGEST_WAIT_S),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_minute() {
        let waits: Vec<_> = (0..7).map(retry_after_s).collect();
        assert_eq!(waits, [0, 0, 10, 20, 40, 60, 60]);
        assert_eq!(retry_after_s(u32::MAX), 60);
    }
}
