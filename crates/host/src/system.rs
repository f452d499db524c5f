use std::io;

use crate::cpu_set::CpuSet;

/// The operating system. [`Linux`](crate::Linux) is the real one.
///
/// Errors are those of the operating system, with its error number if there is one.
pub trait System {
    /// Reads a whole file as text. Bytes that are not UTF-8 (a process can have any name) are replaced.
    ///
    /// # Errors
    ///
    /// The errors of the system.
    fn read(&self, path: &str) -> io::Result<String>;

    /// Writes text to a file that exists, in one call, as the files of the kernel expect it.
    ///
    /// # Errors
    ///
    /// The errors of the system.
    fn write(&self, path: &str, text: &str) -> io::Result<()>;

    /// Lists the names in a directory, in any order.
    ///
    /// # Errors
    ///
    /// The errors of the system.
    fn list(&self, path: &str) -> io::Result<Vec<String>>;

    /// Reads the target of a symbolic link. Bytes that are not UTF-8 are replaced.
    ///
    /// # Errors
    ///
    /// The errors of the system.
    fn link(&self, path: &str) -> io::Result<String>;

    /// Reads the CPUs that a thread may run on; thread 0 is the calling one (`sched_getaffinity(2)`).
    ///
    /// # Errors
    ///
    /// The errors of the system: `ESRCH` if there is no such thread.
    fn affinity(&self, thread: u32) -> io::Result<CpuSet>;

    /// Changes the CPUs that a thread may run on; thread 0 is the calling one (`sched_setaffinity(2)`).
    /// The kernel leaves out CPUs that are offline or not in the thread's cpuset.
    ///
    /// # Errors
    ///
    /// The errors of the system: `ESRCH` if there is no such thread, `EPERM` if it belongs to another user,
    /// `EINVAL` if none of the CPUs is available.
    fn set_affinity(&self, thread: u32, cpus: &CpuSet) -> io::Result<()>;
}
