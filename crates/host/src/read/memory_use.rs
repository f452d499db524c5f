use crate::error::Error;
use crate::read::proc_text;
use crate::read::process_report::{ROLLUP, STATUS};
use crate::system::System;

const CLEAR_REFS: &str = "/proc/self/clear_refs";
/// What lowers the peak to the resident memory of the moment.
const RESET_PEAK: &str = "5";

/// The memory of this process, in bytes, as `/proc/self` shows it (Documentation/filesystems/proc.rst).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryUse {
    /// The proportional memory: memory that N processes share counts as an Nth (`Pss` of `smaps_rollup`), or
    /// the resident memory if that is not readable (`VmRSS` of `status`). 0 if neither file tells.
    pub own_bytes: u64,
    /// The most resident memory since the process started or [`reset_peak`] (`VmHWM` of `status`). It includes
    /// shared memory in full, and can lag behind. 0 if the file does not tell.
    pub peak_bytes: u64,
}

/// Reads the memory of this process.
///
/// # Errors
///
/// [`Error::Unreadable`] if `/proc/self/status` cannot be read.
pub fn memory_use(system: &dyn System) -> Result<MemoryUse, Error> {
    // The file does not exist before Linux 4.14.
    let rollup = system.read(ROLLUP).unwrap_or_default();
    let status = proc_text::text(system, STATUS)?;
    let own = proc_text::bytes(&rollup, "Pss:").or_else(|| proc_text::bytes(&status, "VmRSS:"));
    Ok(MemoryUse {
        own_bytes: own.unwrap_or(0),
        peak_bytes: proc_text::bytes(&status, "VmHWM:").unwrap_or(0),
    })
}

/// Lowers the peak of this process to what it holds now. Returns false if the system does not let it.
pub fn reset_peak(system: &dyn System) -> bool {
    system.write(CLEAR_REFS, RESET_PEAK).is_ok()
}
