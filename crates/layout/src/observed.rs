use std::collections::HashMap;

use crate::environment::environment;
use crate::plan::Worker;

/// Where a worker has something else than its share says; empty where it has just that.
///
/// `variables` are those of its environment, `cpus` is the number of CPUs that it may run on. That counts
/// only where the worker is pinned to CPUs of its own.
pub fn differences(worker: &Worker, variables: &HashMap<String, String>, cpus: usize) -> Vec<String> {
    let mut found: Vec<String> = environment(worker)
        .into_iter()
        .filter_map(|(name, planned)| match variables.get(name) {
            Some(value) if *value == planned => None,
            Some(value) => Some(format!("{name} is {value}, the plan says {planned}")),
            None => Some(format!("{name} is not set, the plan says {planned}")),
        })
        .collect();
    if worker.pin == Some(crate::layout::Pin::Core) && cpus != worker.cpus as usize {
        found.push(format!("it may run on {cpus} CPUs, the plan says {} of its own", worker.cpus));
    }
    found
}
