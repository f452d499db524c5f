use crate::worker::Worker;

/// The variable by which a worker of Daft's limits its memory, in bytes.
pub const MEMORY_VARIABLE: &str = "DAFT_MEMORY_LIMIT";

/// The variables by which Daft's libraries and those of users size their pools of threads. Arrow's CPU
/// pool follows `OMP_NUM_THREADS` as well (`arrow/util/thread_pool.cc`).
pub const THREAD_VARIABLES: [&str; 7] = [
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMEXPR_MAX_THREADS",
    "RAYON_NUM_THREADS",
    "POLARS_MAX_THREADS",
];

/// The environment that a worker's process is to have, by name. Daft's own worker is left as it is.
pub fn environment(worker: &Worker) -> Vec<(&'static str, String)> {
    if worker.cut.is_daft_own() {
        return Vec::new();
    }
    let threads = THREAD_VARIABLES.map(|name| (name, worker.threads.to_string()));
    let memory = (MEMORY_VARIABLE, worker.memory_bytes.to_string());
    [memory].into_iter().chain(threads).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::example;

    fn of(cut: &str) -> Vec<(&'static str, String)> {
        environment(&Worker { cut: cut.parse().expect(cut), ..example("n_cpu_0", 3) })
    }

    #[test]
    fn a_worker_has_its_share_of_threads_and_memory() {
        let variables = of("per-core");
        assert_eq!(variables.len(), 8);
        assert!(variables.contains(&("DAFT_MEMORY_LIMIT", "10".to_owned())));
        for name in THREAD_VARIABLES {
            assert!(variables.contains(&(name, "3".to_owned())));
        }
    }

    #[test]
    fn daft_s_own_worker_is_left_alone() {
        assert_eq!(of("per-node"), []);
        assert_eq!(of("per-node,pin=numa"), []);
        assert_eq!(of("per-node,memory=0.5").len(), 8);
        assert_eq!(of("per-node,threads=2").len(), 8);
    }
}
