//! Whether planned workers have what Daft asks an autoscaler for.

use crate::placement::plan::Plan;
use crate::placement::worker::Worker;

impl Plan {
    /// Whether the workers have together what is asked for: names of resources with amounts, memory in bytes, of
    /// one or several bundles.
    ///
    /// Daft compares the sums with those of its workers in the same way, and asks an autoscaler only for more
    /// (`try_autoscale` in `worker_manager.rs`, 0.7.24). It does not know of workers that have not started yet.
    pub fn covers<'a>(&self, asked: impl IntoIterator<Item = (&'a str, f64)>) -> bool {
        let sum = |of: fn(&Worker) -> f64| -> f64 { self.workers.iter().map(of).sum() };
        let mut cpus = sum(|worker| worker.cpus.into());
        let mut gpus = sum(|worker| worker.gpus.into());
        let mut memory = sum(|worker| worker.memory_bytes as f64);
        for (resource, amount) in asked {
            match resource {
                "CPU" => cpus -= amount,
                "GPU" => gpus -= amount,
                "memory" => memory -= amount,
                _ => return false,
            }
        }
        [cpus, gpus, memory].iter().all(|left| *left >= 0.0)
    }
}

#[cfg(test)]
mod tests {
    use crate::cluster::node::Node;
    use crate::cluster::node_record::NodeRecord;
    use crate::placement::plan::plan;

    fn covers(asked: &[(&str, f64)]) -> bool {
        let node = Node::try_from(NodeRecord::new("n", 4.0, 1.0, 1e9)).expect("valid node");
        let layout = "per-core".parse().expect("valid layout");
        plan::<&str>(&[node], &layout, &[]).expect("plan").covers(asked.iter().copied())
    }

    #[test]
    fn workers_have_what_they_are_planned_with() {
        assert!(covers(&[("CPU", 1.0); 4]));
        assert!(!covers(&[("CPU", 1.0); 5]));
        assert!(covers(&[("CPU", 1.0), ("GPU", 1.0), ("memory", 1e9)]));
        assert!(!covers(&[("CPU", 1.0), ("GPU", 2.0)]));
        assert!(!covers(&[("memory", 6e8), ("memory", 6e8)]));
    }

    #[test]
    fn what_is_not_known_is_not_covered() {
        assert!(covers(&[]));
        assert!(!covers(&[("TPU", 0.0)]));
        assert!(!covers(&[("CPU", f64::NAN)]));
    }
}
