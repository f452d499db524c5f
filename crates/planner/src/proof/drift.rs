use std::collections::HashMap;

use crate::layout::pin::PinTo;
use crate::placement::environment::{MEMORY_VARIABLE, environment};
use crate::placement::worker::Worker;

/// Lists what a worker has that differs from its share; empty if nothing differs.
///
/// `variables` are the worker's environment variables, `cpus` is the number of CPUs that the worker may run on.
/// That number matters only if the worker is pinned to CPUs of its own.
pub fn differences(
    worker: &Worker,
    variables: &HashMap<String, String>,
    cpus: usize,
) -> Vec<String> {
    let mut found: Vec<String> = environment(worker)
        .into_iter()
        .filter_map(|(name, planned)| difference(name, &planned, variables))
        .collect();
    if worker.pin().is_some_and(|pin| pin.to == PinTo::Core) && cpus != worker.cpus as usize {
        found.push(format!(
            "it may run on {cpus} CPUs, but the plan says {} of its own",
            worker.cpus
        ));
    }
    found
}

/// Describes how a worker's memory limit differs from its share; None if it does not differ.
///
/// The user may have set the other variables. This one is what limits the worker to its share.
pub fn memory_drift(worker: &Worker, variables: &HashMap<String, String>) -> Option<String> {
    let planned = environment(worker).into_iter().find(|(name, _)| *name == MEMORY_VARIABLE)?.1;
    difference(MEMORY_VARIABLE, &planned, variables)
}

fn difference(name: &str, planned: &str, variables: &HashMap<String, String>) -> Option<String> {
    match variables.get(name) {
        Some(value) if value == planned => None,
        Some(value) => Some(format!("{name} is {value}, but the plan says {planned}")),
        None => Some(format!("{name} is not set, but the plan says {planned}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::placement::worker::example;

    #[test]
    fn only_differences_are_listed() {
        let worker =
            Worker { node_layout: "per-core,pin=core".parse().expect("valid"), ..example("w", 2) };
        let mut variables: HashMap<String, String> = environment(&worker)
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        assert_eq!(differences(&worker, &variables, 2), [""; 0]);
        variables.insert("OMP_NUM_THREADS".to_owned(), "9".to_owned());
        variables.remove("DAFT_MEMORY_LIMIT");
        assert_eq!(
            differences(&worker, &variables, 8),
            [
                "DAFT_MEMORY_LIMIT is not set, but the plan says 10",
                "OMP_NUM_THREADS is 9, but the plan says 2",
                "it may run on 8 CPUs, but the plan says 2 of its own",
            ]
        );
        assert_eq!(
            memory_drift(&worker, &variables).as_deref(),
            Some("DAFT_MEMORY_LIMIT is not set, but the plan says 10")
        );
        variables.insert("DAFT_MEMORY_LIMIT".to_owned(), "10".to_owned());
        assert_eq!(memory_drift(&worker, &variables), None);
        let unpinned = Worker { node_layout: "per-node".parse().expect("valid"), ..worker };
        assert_eq!(differences(&unpinned, &HashMap::new(), 8), [""; 0]);
        assert_eq!(memory_drift(&unpinned, &HashMap::new()), None, "Daft's own");
    }
}
