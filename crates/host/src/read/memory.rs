use crate::error::Error;
use crate::read::proc_text;
use crate::system::System;

const MEMINFO: &str = "/proc/meminfo";

/// The memory of the machine, in bytes: `MemTotal` of `/proc/meminfo` (Documentation/filesystems/proc.rst),
/// which is the memory that the kernel can hand out. A container may have less, see
/// [`CgroupLimits`](crate::CgroupLimits).
///
/// # Errors
///
/// [`Error::Unreadable`] and [`Error::Malformed`] if the file is missing or not as documented.
pub fn host_memory_bytes(system: &dyn System) -> Result<u64, Error> {
    bytes(system, "MemTotal:", "a line 'MemTotal: 1 kB'")
}

/// The memory that new processes of the machine could take without swapping, in bytes: `MemAvailable` of
/// `/proc/meminfo`, an estimate of the kernel.
pub fn host_available_bytes(system: &dyn System) -> Result<u64, Error> {
    bytes(system, "MemAvailable:", "a line 'MemAvailable: 1 kB'")
}

fn bytes(system: &dyn System, key: &str, expected: &'static str) -> Result<u64, Error> {
    let text = proc_text::text(system, MEMINFO)?;
    proc_text::bytes(&text, key).ok_or_else(|| proc_text::malformed(MEMINFO, &text, expected))
}
