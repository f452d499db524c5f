/// How many async calls a worker makes at once: its share of the calls that Daft's one process of the node
/// would make, and at least one.
///
/// # Arguments
///
/// * `begun`: the calls that Daft has asked this worker for in batches that are not done. Daft's own worker
///   would make as many at once.
/// * `workers`: how many workers of the node share the calls.
pub fn calls_at_once(begun: u64, workers: u32) -> u64 {
    begun.div_ceil(u64::from(workers.max(1))).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workers_of_a_node_make_as_many_calls_as_one_would() {
        assert_eq!(calls_at_once(1000, 4), 250);
        assert_eq!(calls_at_once(1000, 1), 1000);
        assert_eq!(calls_at_once(9, 4), 3);
    }

    #[test]
    fn a_worker_makes_at_least_one_call() {
        assert_eq!(calls_at_once(4, 64), 1);
        assert_eq!(calls_at_once(0, 64), 1);
        assert_eq!(calls_at_once(7, 0), 7);
    }
}
