use crate::error::Error;
use crate::read::cgroup::memory::memory_limit;
use crate::read::cgroup::own_cgroup::OwnCgroup;
use crate::system::System;

/// The limits of this process's cgroups: the smallest limit of its own cgroup and of all ancestors that it can
/// see. Both versions are read, because a machine can have some controllers in each.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct CgroupLimits {
    /// Memory, in bytes: `memory.max` (Documentation/admin-guide/cgroup-v2.rst) and `memory.limit_in_bytes`
    /// (Documentation/admin-guide/cgroup-v1/memory.rst). `None` if there is no limit.
    pub memory_bytes: Option<u64>,
    /// CPU time per time, so 1.5 is one and a half CPUs: `cpu.max` (Documentation/admin-guide/cgroup-v2.rst)
    /// and `cpu.cfs_quota_us` by `cpu.cfs_period_us` (Documentation/scheduler/sched-bwc.rst). `None` if there
    /// is no limit.
    pub cpus: Option<f64>,
    /// Threads of all processes together: `pids.max` (Documentation/admin-guide/cgroup-v2.rst and
    /// cgroup-v1/pids.rst). `None` if there is no limit.
    pub threads: Option<u64>,
}

impl CgroupLimits {
    /// Reads the limits. A kernel without cgroups has none.
    ///
    /// # Errors
    ///
    /// [`Error::Unreadable`] and [`Error::Malformed`] if files are not as documented.
    pub fn read(system: &dyn System) -> Result<Self, Error> {
        let mut limits = Self::default();
        for cgroup in OwnCgroup::all(system)? {
            limits.lower(system, &cgroup)?;
        }
        Ok(limits)
    }

    /// Applies the limits of one cgroup.
    fn lower(&mut self, system: &dyn System, cgroup: &OwnCgroup) -> Result<(), Error> {
        self.lower_memory(memory_limit(system, cgroup)?);
        if cgroup.is_v2() {
            self.lower_cpus(v2_cpus(system, cgroup)?);
        }
        if cgroup.controls("cpu") {
            self.lower_cpus(v1_cpus(system, cgroup)?);
        }
        if cgroup.is_v2() || cgroup.controls("pids") {
            self.lower_threads(threads(system, cgroup)?);
        }
        Ok(())
    }

    fn lower_memory(&mut self, limit: Option<u64>) {
        self.memory_bytes = self.memory_bytes.into_iter().chain(limit).min();
    }

    fn lower_threads(&mut self, limit: Option<u64>) {
        self.threads = self.threads.into_iter().chain(limit).min();
    }

    fn lower_cpus(&mut self, limit: Option<f64>) {
        self.cpus = self.cpus.into_iter().chain(limit).reduce(f64::min);
    }
}

/// The limit of threads, which is the same file in both versions.
fn threads(system: &dyn System, cgroup: &OwnCgroup) -> Result<Option<u64>, Error> {
    cgroup.figure(system, "pids.max", "'max' or a number", |text| match text {
        "max" => Some(None),
        number => number.parse().ok().map(Some),
    })
}

fn v2_cpus(system: &dyn System, cgroup: &OwnCgroup) -> Result<Option<f64>, Error> {
    let expected = "'max' or microseconds, and a period in microseconds";
    cgroup.figure(system, "cpu.max", expected, |text| match text.split_once(' ')? {
        ("max", _) => Some(None),
        (quota, period) => share(quota, period).map(Some),
    })
}

fn v1_cpus(system: &dyn System, cgroup: &OwnCgroup) -> Result<Option<f64>, Error> {
    let period = cgroup
        .figure(system, "cpu.cfs_period_us", "microseconds", |text| Some(Some(text.to_owned())))?;
    let Some(period) = period else { return Ok(None) };
    cgroup.figure(system, "cpu.cfs_quota_us", "-1 or microseconds", |text| match text {
        "-1" => Some(None),
        quota => share(quota, &period).map(Some),
    })
}

fn share(quota: &str, period: &str) -> Option<f64> {
    let (quota, period): (u64, u64) = (quota.parse().ok()?, period.parse().ok()?);
    (period > 0).then(|| quota as f64 / period as f64)
}
