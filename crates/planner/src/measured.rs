//! All measured figures that decisions use. Texts that users read take a figure from here, or a test compares
//! them with it.

/// The releases that the figures were measured with, on 2 cores.
pub const MEASURED_WITH: &str = "Daft 0.7.26 and Ray 2.59";

/// The private memory of an idle worker of one CPU, in bytes (`make bench-workers`). No worker runs with less.
pub const WORKER_PRIVATE_BYTES: u64 = 78_000_000;

/// The threads of a busy worker: an idle worker has 31 to 37, and one that computes and transfers data has 40.
pub(crate) const WORKER_THREADS: u64 = 40;

/// The CPU time that a worker needs to start in a process that Ray has prestarted, as Daft's own worker does, in
/// milliseconds (`make bench-workers`).
pub const PRESTARTED_START_CPU_MS: u64 = 900;

/// The CPU time that a worker needs to start if Ray has to start its process with an environment, which Ray
/// does in two steps, in milliseconds.
pub const NEW_START_CPU_MS: u64 = 1_400;

/// The overhead of a task, in milliseconds: half of it passes until the worker has the task, half is CPU time.
pub(crate) const TASK_OVERHEAD_MS: u64 = 16;

/// The CPU time of the runner for one task, in microseconds: it sends the task to a worker and takes the result
/// (`python -m bench.scale.many_workers`: 1.5 to 1.9 ms).
pub(crate) const HAND_OUT_US: u64 = 2_000;

/// The CPU time that each worker adds to that, in nanoseconds, because Daft's scheduler looks at all workers
/// for each task (3.47 ms a task with 6,400 workers and 1.66 ms with 100, at 10,000 tasks).
pub(crate) const SCHEDULED_NS_PER_WORKER: u64 = 290;

/// The CPU time of the runner and of the workers for each reference of a shuffle, in microseconds: one of the
/// runner's threads does its part, and all slots share the workers' part (`python -m bench.scale.many_nodes`: 0.34
/// and 2.3 ms with 31,000 references, 0.42 and 2.1 ms with 4,000).
pub const REFERENCE_RUNNER_US: u64 = 350;
/// The part of all workers, in microseconds.
pub const REFERENCE_WORKER_US: u64 = 2_200;

/// What each reference of a shuffle takes in the head's process, in bytes.
pub(crate) const REFERENCE_BYTES: u64 = 3 << 10;

/// The most workers that Daft's scheduler should have to look at. They add 0.15 ms to a task, a tenth of what it
/// costs otherwise.
pub(crate) const MOST_SCHEDULED_WORKERS: u64 = 512;

/// The bytes that a core reads in a millisecond.
pub(crate) const READ_BYTES_PER_MS: u64 = 512 << 10;

/// The bytes that a core handles in a second if one worker runs a whole native query, in bytes that the query
/// reads as Daft estimates them. Of TPC-H at scale factor 1, query 1 handles 280 MB and query 21, which is the
/// slowest for what it reads, 15 MB.
pub(crate) const WHOLE_QUERY_BYTES_PER_CORE_S: u64 = 50_000_000;

/// The time in which a core decodes a MiB of files, in microseconds. It is many times less for most files.
pub(crate) const DECODE_US_PER_MIB: u64 = 10_000;

/// How many times the bytes that a query reads, as Daft estimates them, one worker takes to run all of it. Of
/// TPC-H at scale factor 1, query 21 takes 2.8 times as much and all others at most 1.5 times.
pub(crate) const WHOLE_QUERY_MEMORY: u64 = 3;

/// The rows that a core can gather before tasks, which have fewer rows each, are faster: decimals of 10 million
/// rows by 100,000 or 2 million keys took 2 cores 1.1 to 1.4 times as long in one piece as in tasks, and those of
/// 5 million rows 0.9 to 1.0 times.
pub(crate) const GATHERED_ROWS_PER_CORE: u64 = 5_000_000;

/// The rows of a batch that Daft aggregates at first (`default_morsel_size`), and the percentage of them that
/// have keys of their own from which on groups count as scattered. Keys of which four rows follow each other
/// have 25, and one piece takes 0.9 times as long as tasks; 100,000 keys in any order have 56.
pub const BATCH_ROWS: u64 = 131_072;
pub(crate) const SCATTERED_PERCENT: u64 = 50;

/// The bytes of rows that one worker writes in a second, one file after the other. It encodes the columns of
/// Parquet at the same time, and lines one after the other: 2 million rows of TPC-H's `lineitem` took 0.43 s as
/// Parquet, 1.31 s as CSV and 1.82 s as JSON, and two of its columns as long for their bytes.
pub(crate) const COLUMNS_WRITTEN_PER_S: u64 = 800_000_000;
pub(crate) const ROWS_WRITTEN_PER_S: u64 = 200_000_000;
