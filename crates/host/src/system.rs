use std::io;

use crate::cpu_set::CpuSet;

/// What is asked and changed of the operating system. [`Linux`](crate::Linux) is the real one.
///
/// Errors are those of the operating system, with its error number where there is one.
pub trait System {
    /// The whole of a file as text. What is not UTF-8 in it (names of processes can be anything) is
    /// replaced.
    ///
    /// # Errors
    ///
    /// As the system gives them.
    fn read(&self, path: &str) -> io::Result<String>;

    /// The names in a directory, in any order.
    ///
    /// # Errors
    ///
    /// As the system gives them.
    fn list(&self, path: &str) -> io::Result<Vec<String>>;

    /// What a symbolic link leads to. What is not UTF-8 in it is replaced.
    ///
    /// # Errors
    ///
    /// As the system gives them.
    fn link(&self, path: &str) -> io::Result<String>;

    /// The CPUs that a thread may run on; thread 0 is the calling one (`sched_getaffinity(2)`).
    ///
    /// # Errors
    ///
    /// As the system gives them: `ESRCH` where there is no such thread.
    fn affinity(&self, thread: u32) -> io::Result<CpuSet>;

    /// Changes the CPUs that a thread may run on; thread 0 is the calling one (`sched_setaffinity(2)`).
    /// The kernel leaves out CPUs that are offline or not in the thread's cpuset.
    ///
    /// # Errors
    ///
    /// As the system gives them: `ESRCH` where there is no such thread, `EPERM` where it belongs to
    /// another user, `EINVAL` where none of the CPUs is to be had.
    fn set_affinity(&self, thread: u32, cpus: &CpuSet) -> io::Result<()>;
}
