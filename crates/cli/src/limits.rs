/// The most CPUs that are planned at once: each may become a worker, and takes about 150 bytes.
pub(crate) const MOST_CPUS: u64 = 1_000_000;
