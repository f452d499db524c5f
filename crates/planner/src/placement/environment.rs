use crate::placement::worker::Worker;

/// The variable that limits the memory of a Daft worker, in bytes.
pub const MEMORY_VARIABLE: &str = "DAFT_MEMORY_LIMIT";

/// The variables that size the thread pools of Daft's libraries and of those that users call. Arrow's CPU pool
/// follows `OMP_NUM_THREADS` as well (`arrow/util/thread_pool.cc`).
pub const THREAD_VARIABLES: [&str; 7] = [
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMEXPR_MAX_THREADS",
    "RAYON_NUM_THREADS",
    "POLARS_MAX_THREADS",
];

/// The environment variables that a worker's process gets, by name. Daft's own worker gets none.
pub fn environment(worker: &Worker) -> Vec<(&'static str, String)> {
    if worker.node_layout.is_stock() {
        return Vec::new();
    }
    let threads = THREAD_VARIABLES.map(|name| (name, worker.threads.to_string()));
    let memory = (MEMORY_VARIABLE, worker.memory_bytes.to_string());
    [memory].into_iter().chain(threads).collect()
}

/// Whether a worker's environment can be set once its process runs, before Daft computes in it. Such a worker
/// needs no new process, so Ray can take one that it has prestarted.
///
/// Ray sets `OMP_NUM_THREADS=1` in the process of an actor without CPUs before it loads the actor's class
/// (`set_omp_num_threads_if_unset` in `ray/_private/utils.py`, 2.47 to 2.59). Loading the class loads Daft,
/// OpenBLAS and Arrow, whose pools then have one thread. Everything else is read at its first use; Daft reads
/// its memory limit when it first executes (`resource_manager.rs`, Daft 0.5.22 to 0.7.26).
pub fn fits_prestarted_process(worker: &Worker) -> bool {
    worker.threads == 1
}

/// The beginning of the names of Daft's compute threads, which Daft starts when it first computes
/// (`init_compute_runtime` in `common/runtime`).
pub const COMPUTE_THREAD_PREFIX: &str = "DAFTCPU-";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::placement::worker::example;

    fn of(node_layout: &str) -> Vec<(&'static str, String)> {
        environment(&Worker {
            node_layout: node_layout.parse().expect(node_layout),
            ..example("n_cpu_0", 3)
        })
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
    fn only_a_worker_of_one_thread_fits_a_prestarted_process() {
        let with = |threads| Worker { threads, ..example("n_cpu_0", 1) };
        assert!(fits_prestarted_process(&with(1)));
        assert!(!fits_prestarted_process(&with(2)));
    }

    #[test]
    fn daft_s_own_worker_is_left_alone() {
        assert_eq!(of("per-node"), []);
        assert_eq!(of("per-node,pin=numa"), []);
        assert_eq!(of("per-node,memory=0.5").len(), 8);
        assert_eq!(of("per-node,threads=2").len(), 8);
    }
}
