use crate::error::Error;
use crate::read::cgroup::{OwnCgroup, memory_limit, working_set};
use crate::read::memory::{host_available_bytes, host_memory_bytes};
use crate::system::System;

/// How much memory the processes of this machine, or of this process's container, have and can still take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AvailableMemory {
    /// The memory that can still be taken, in bytes: the smallest of `MemAvailable` of `/proc/meminfo` and of
    /// what each cgroup with a limit has left. That is the limit without the cgroup's working set: its usage,
    /// except for the file pages, which the kernel drops before a process goes without memory.
    pub available_bytes: u64,
    /// The smallest of the machine's memory and the memory limits of the cgroups, in bytes.
    pub total_bytes: u64,
}

/// Reads the memory that processes can still take. Like the limits, it is that of this process's cgroups and of
/// all ancestors that it can see. A cgroup that hides its usage counts as unused.
///
/// # Errors
///
/// [`Error::Unreadable`] and [`Error::Malformed`] if files are not as documented.
pub fn available_memory(system: &dyn System) -> Result<AvailableMemory, Error> {
    let mut available_bytes = host_available_bytes(system)?;
    let mut total_bytes = host_memory_bytes(system)?;
    for cgroup in OwnCgroup::all(system)? {
        let Some(limit) = memory_limit(system, &cgroup)? else { continue };
        // The usage can be above a limit that was lowered.
        let left = limit.saturating_sub(working_set(system, &cgroup)?);
        available_bytes = available_bytes.min(left);
        total_bytes = total_bytes.min(limit);
    }
    Ok(AvailableMemory { available_bytes, total_bytes })
}
