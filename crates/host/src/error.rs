use thiserror::Error as ThisError;

use crate::cpu_set::{CpuSet, MAX_CPU};

/// What can go wrong between this process and the operating system. Each message names the value
/// and the remedy.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
pub enum Error {
    /// A file or directory that is needed cannot be read.
    #[error(
        "'{path}' cannot be read: {reason}; mount /proc and /sys where this process runs and \
         let it read them"
    )]
    Unreadable {
        /// The file or directory.
        path: String,
        /// What the system said.
        reason: String,
    },

    /// A file of the kernel's does not hold what its documentation says.
    #[error(
        "'{path}' holds '{content}' where {expected} should be; if something other than the kernel \
         provides the file (lxcfs, gVisor), take it away"
    )]
    Malformed {
        /// The file.
        path: String,
        /// How its content starts.
        content: String,
        /// What should be in it.
        expected: &'static str,
    },

    /// A text is no list of CPUs.
    #[error(
        "'{given}' is no list of CPUs; write numbers up to {MAX_CPU} and ranges of them with commas \
         between, for example 0-3,8"
    )]
    BadCpuList {
        /// The text as it was given.
        given: String,
    },

    /// None of the CPUs of a process is online.
    #[error(
        "this process may use the CPUs '{affinity}', but '{online}' are online; start it on CPUs that \
         are online (taskset, cpuset.cpus)"
    )]
    NoAllowedCpus {
        /// The affinity.
        affinity: CpuSet,
        /// The CPUs that are online.
        online: CpuSet,
    },

    /// The workers of a node are to have more CPUs than it may use.
    #[error(
        "the workers of this node are to have {wanted} CPUs, but its processes may use {available} \
         ('{allowed}'); start the node with as many CPUs as that \
         (ray start --num-cpus) or allow it more"
    )]
    TooFewCpus {
        /// What the workers are to have together.
        wanted: u64,
        /// How many allowed CPUs are online.
        available: usize,
        /// Which those are.
        allowed: CpuSet,
    },

    /// A worker is to have no CPU.
    #[error("worker {worker} of this node is to have 0 CPUs; give each worker one at least")]
    NoWidth {
        /// Its place among the workers, counted from 0.
        worker: usize,
    },

    /// A process is to be pinned to no CPU.
    #[error("a process cannot be pinned to no CPUs at all; name at least one")]
    EmptySet,

    /// The affinity of a thread was not to be had or set. What had been changed was put back.
    #[error(
        "thread {thread} cannot be put on the CPUs '{cpus}': {reason}; all threads are as they \
         were. Name CPUs that are online and in the container's cpuset, \
         and let the process call sched_setaffinity"
    )]
    NotPinned {
        /// The id of the thread.
        thread: u32,
        /// Where it should be.
        cpus: CpuSet,
        /// What the system said or did.
        reason: String,
    },

    /// Threads on other CPUs kept appearing. What had been changed was put back.
    #[error(
        "after {walks} walks there are still threads that are not on the CPUs '{cpus}'; all \
         threads are as they were. Pin the process while it starts no threads, \
         and let nothing else set their affinity"
    )]
    Unsettled {
        /// Where they should be.
        cpus: CpuSet,
        /// How often all threads were walked.
        walks: u32,
    },

    /// Pinning failed, and so did putting threads back.
    #[error(
        "thread {thread} is not back on the CPUs '{cpus}' that it had: {reason}; start the process \
         anew. It was to be put back because: {cause}"
    )]
    NotRestored {
        /// The id of the first such thread.
        thread: u32,
        /// The CPUs that it had.
        cpus: CpuSet,
        /// What the system said.
        reason: String,
        /// Why it was to be put back.
        cause: Box<Error>,
    },

    /// A worker that is none of its node's.
    #[error("there is no worker {index} among the {workers} of this node; count them from 0")]
    NoSuchWorker {
        /// Its place, counted from 0.
        index: usize,
        /// How many there are.
        workers: usize,
    },
}
