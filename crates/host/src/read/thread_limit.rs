use crate::error::Error;
use crate::read::cgroup::CgroupLimits;
use crate::read::proc_text;
use crate::system::System;

const THREADS_MAX: &str = "/proc/sys/kernel/threads-max";

/// How many threads this process and its children may have together: the kernel's limit for the whole machine
/// (`threads-max`, Documentation/admin-guide/sysctl/kernel.rst), or less if a cgroup of this process has a
/// limit.
///
/// # Errors
///
/// [`Error::Unreadable`] and [`Error::Malformed`] if files are not as documented.
pub fn threads_allowed(system: &dyn System) -> Result<u64, Error> {
    let text = proc_text::text(system, THREADS_MAX)?;
    let of_machine: u64 = text
        .trim()
        .parse()
        .map_err(|_| proc_text::malformed(THREADS_MAX, &text, "a number of threads"))?;
    let of_cgroups = CgroupLimits::read(system)?.threads;
    Ok(of_cgroups.map_or(of_machine, |limit| limit.min(of_machine)))
}
