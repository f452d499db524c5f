use thiserror::Error as ThisError;

use crate::cpu_set::{CpuSet, MAX_CPU};

/// Why the operating system's answer or an assignment of CPUs is refused. Each message names the value and the
/// remedy.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
pub enum Error {
    /// A required file or directory cannot be read.
    #[error(
        "'{path}' cannot be read: {reason}; mount /proc and /sys for this process and \
         let it read them"
    )]
    Unreadable {
        /// The file or directory.
        path: String,
        /// The error of the system.
        reason: String,
    },

    /// A file of the kernel does not have the documented content.
    #[error(
        "'{path}' holds '{content}' instead of {expected}; if something other than the kernel \
         provides the file (lxcfs, gVisor), remove it"
    )]
    Malformed {
        /// The file.
        path: String,
        /// The beginning of the content.
        content: String,
        /// The documented content.
        expected: &'static str,
    },

    /// A text is not a list of CPUs.
    #[error(
        "'{given}' is not a list of CPUs; write numbers up to {MAX_CPU} and ranges, separated by \
         commas, for example 0-3,8"
    )]
    BadCpuList {
        /// The text as it was given.
        given: String,
    },

    /// None of the CPUs that a process may use is online.
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

    /// The workers of a node need more CPUs than they may use.
    #[error(
        "the workers of this node need {wanted} CPUs, but its processes may use {available} \
         ('{allowed}'); start the node with that many CPUs \
         (ray start --num-cpus) or allow it more"
    )]
    TooFewCpus {
        /// The CPUs that the workers need together.
        wanted: u64,
        /// How many allowed CPUs are online.
        available: usize,
        /// The allowed CPUs that are online.
        allowed: CpuSet,
    },

    /// A worker would have no CPU.
    #[error("worker {worker} of this node would have 0 CPUs; give each worker at least one")]
    NoWidth {
        /// The index of the worker, counted from 0.
        worker: usize,
    },

    /// A process would be pinned to no CPU.
    #[error("a process cannot be pinned to no CPUs at all; name at least one")]
    EmptySet,

    /// The affinity of a thread could not be read or set. All changes were undone.
    #[error(
        "thread {thread} cannot be put on the CPUs '{cpus}': {reason}; all threads have their \
         former CPUs. Name CPUs that are online and in the container's cpuset, \
         and let the process call sched_setaffinity"
    )]
    NotPinned {
        /// The id of the thread.
        thread: u32,
        /// The CPUs that the thread should have.
        cpus: CpuSet,
        /// The error of the system, or what it did instead.
        reason: String,
    },

    /// Threads on other CPUs kept appearing. All changes were undone.
    #[error(
        "after {walks} walks there are still threads that are not on the CPUs '{cpus}'; all \
         threads have their former CPUs. Pin the process while it starts no threads, \
         and let nothing else set their affinity"
    )]
    Unsettled {
        /// The CPUs that the threads should have.
        cpus: CpuSet,
        /// How often all threads were walked.
        walks: u32,
    },

    /// Pinning failed, and so did the restoring of the former affinity.
    #[error(
        "thread {thread} cannot be put back on its former CPUs '{cpus}': {reason}; restart the \
         process. It was put back because: {cause}"
    )]
    NotRestored {
        /// The id of the first such thread.
        thread: u32,
        /// The former CPUs of the thread.
        cpus: CpuSet,
        /// The error of the system.
        reason: String,
        /// Why the thread was put back.
        cause: Box<Error>,
    },

    /// The index of a worker is too large.
    #[error("there is no worker {index} among the {workers} of this node; count them from 0")]
    NoSuchWorker {
        /// The index, counted from 0.
        index: usize,
        /// How many workers the node has.
        workers: usize,
    },
}
