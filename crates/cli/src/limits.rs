/// The most CPUs of one plan: each may become a worker, which takes about 150 bytes.
pub(crate) const MOST_CPUS: u64 = 1_000_000;
