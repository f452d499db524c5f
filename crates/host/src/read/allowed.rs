use crate::cpu_set::CpuSet;
use crate::error::Error;
use crate::read::proc_text;
use crate::read::topology;
use crate::system::System;

/// Returns the CPUs that the calling thread may use: those of its affinity that are online.
///
/// The affinity that the kernel reports respects the cpuset of the thread's cgroup
/// (Documentation/admin-guide/cgroup-v2.rst, "cpuset.cpus.effective"; `sched_setaffinity(2)`), so no cgroup has
/// to be read for it. A CPU quota does not show in it, see [`CgroupLimits`](crate::CgroupLimits).
///
/// # Errors
///
/// [`Error::Unreadable`] and [`Error::Malformed`] if the system does not tell, [`Error::NoAllowedCpus`] if none
/// is left.
pub fn allowed_cpus(system: &dyn System) -> Result<CpuSet, Error> {
    let online = topology::online(system)?;
    let affinity = system
        .affinity(0)
        .map_err(|reason| proc_text::unreadable("sched_getaffinity(2)", &reason))?;
    let allowed = affinity.intersection(&online);
    if allowed.is_empty() {
        return Err(Error::NoAllowedCpus { affinity, online });
    }
    Ok(allowed)
}
