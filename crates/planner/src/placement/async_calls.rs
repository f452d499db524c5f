/// How many async calls a worker makes at once: its share of what Daft would have a single process of the node
/// make, never below one.
///
/// # Arguments
///
/// * `begun`: the calls that Daft has asked this worker for and whose batch is not done. As many would be made at
///   once by Daft's own worker.
/// * `workers`: how many of the node share them.
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
    fn a_worker_makes_one_call_at_least() {
        assert_eq!(calls_at_once(4, 64), 1);
        assert_eq!(calls_at_once(0, 64), 1);
        assert_eq!(calls_at_once(7, 0), 7);
    }
}
