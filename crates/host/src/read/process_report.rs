use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::cpu_set::CpuSet;
use crate::error::Error;
use crate::read::proc_text;
use crate::system::System;

pub const STATUS: &str = "/proc/self/status";
pub const ROLLUP: &str = "/proc/self/smaps_rollup";

/// What this process has and uses, as `/proc/self` shows it (Documentation/filesystems/proc.rst).
///
/// The figures come from two files, read one after the other while the process runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProcessReport {
    /// The id of the process.
    pub pid: u32,
    /// The resident memory in bytes, including memory that is shared with other processes (`Rss` of
    /// `smaps_rollup`, or `VmRSS` of `status`, which can lag behind, if that is not readable). 0 if neither
    /// file tells.
    pub rss_bytes: u64,
    /// The proportional memory in bytes: memory that N processes share counts as an Nth. `None` if
    /// `smaps_rollup` is not readable.
    pub pss_bytes: Option<u64>,
    /// How many threads the process has.
    pub threads: u32,
    /// The CPUs that the first thread may use. A kernel may list CPUs that are not online.
    #[serde(serialize_with = "as_list")]
    pub cpus_allowed: CpuSet,
}

impl ProcessReport {
    /// Reads the report of this process.
    ///
    /// # Errors
    ///
    /// [`Error::Unreadable`] and [`Error::Malformed`] if the files are not as documented.
    pub fn read(system: &dyn System) -> Result<Self, Error> {
        let status = proc_text::text(system, STATUS)?;
        // The file does not exist before Linux 4.14.
        let rollup = system.read(ROLLUP).unwrap_or_default();
        let rss_bytes = match proc_text::bytes(&rollup, "Rss:") {
            Some(bytes) => bytes,
            None => proc_text::bytes(&status, "VmRSS:").unwrap_or(0),
        };
        Ok(Self {
            pid: figure(&status, "Pid:", "a line 'Pid: 1'")?,
            rss_bytes,
            pss_bytes: proc_text::bytes(&rollup, "Pss:"),
            threads: figure(&status, "Threads:", "a line 'Threads: 1'")?,
            cpus_allowed: figure(&status, "Cpus_allowed_list:", "a line 'Cpus_allowed_list: 0-3'")?,
        })
    }
}

/// Writes CPUs in the kernel's list format.
fn as_list<S: Serializer>(cpus: &CpuSet, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(cpus)
}

fn figure<T: FromStr>(status: &str, key: &str, expected: &'static str) -> Result<T, Error> {
    proc_text::field(status, key)
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| proc_text::malformed(STATUS, status, expected))
}
