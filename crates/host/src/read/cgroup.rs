use std::io::ErrorKind;

use crate::error::Error;
use crate::read::mounts::CgroupMount;
use crate::read::proc_text;
use crate::system::System;

/// cgroup v1 writes "no limit" as the largest number of pages, in bytes: 2^63 minus up to a page. No machine
/// has an EiB of memory.
const V1_NO_LIMIT: u64 = 1 << 60;

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
        let Some(cgroups) = proc_text::text_if_there(system, "/proc/self/cgroup")? else {
            return Ok(Self::default());
        };
        let mounts = CgroupMount::all(&proc_text::text(system, "/proc/self/mountinfo")?);
        let mut limits = Self::default();
        for mount in &mounts {
            // A line is hierarchy-ID:controllers:path (cgroups(7)); a path may contain colons.
            for line in cgroups.lines() {
                let mut parts = line.splitn(3, ':').skip(1);
                let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else {
                    continue;
                };
                for directory in mount.directories(path) {
                    limits.lower(system, mount, controllers, &directory)?;
                }
            }
        }
        Ok(limits)
    }

    /// Applies the limits of one directory of a mount, if the cgroup with those `controllers` is in the mount's
    /// hierarchy.
    fn lower(
        &mut self,
        system: &dyn System,
        mount: &CgroupMount,
        controllers: &str,
        directory: &str,
    ) -> Result<(), Error> {
        let is_in = |name| mount.controls(name) && controllers.split(',').any(|own| own == name);
        if mount.is_v2() && controllers.is_empty() {
            self.lower_memory(v2_memory(system, directory)?);
            self.lower_cpus(v2_cpus(system, directory)?);
            self.lower_threads(threads(system, directory)?);
        }
        if is_in("memory") {
            self.lower_memory(v1_memory(system, directory)?);
        }
        if is_in("cpu") {
            self.lower_cpus(v1_cpus(system, directory)?);
        }
        if is_in("pids") {
            self.lower_threads(threads(system, directory)?);
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
fn threads(system: &dyn System, directory: &str) -> Result<Option<u64>, Error> {
    limit(system, &format!("{directory}/pids.max"), "'max' or a number", |text| match text {
        "max" => Some(None),
        number => number.parse().ok().map(Some),
    })
}

fn v2_memory(system: &dyn System, directory: &str) -> Result<Option<u64>, Error> {
    limit(system, &format!("{directory}/memory.max"), "'max' or bytes", |text| match text {
        "max" => Some(None),
        bytes => bytes.parse().ok().map(Some),
    })
}

fn v2_cpus(system: &dyn System, directory: &str) -> Result<Option<f64>, Error> {
    let expected = "'max' or microseconds, and a period in microseconds";
    limit(system, &format!("{directory}/cpu.max"), expected, |text| match text.split_once(' ')? {
        ("max", _) => Some(None),
        (quota, period) => share(quota, period).map(Some),
    })
}

fn v1_memory(system: &dyn System, directory: &str) -> Result<Option<u64>, Error> {
    let path = format!("{directory}/memory.limit_in_bytes");
    let given = limit(system, &path, "bytes", |text| text.parse().ok().map(Some))?;
    Ok(given.filter(|bytes| *bytes < V1_NO_LIMIT))
}

fn v1_cpus(system: &dyn System, directory: &str) -> Result<Option<f64>, Error> {
    let path = format!("{directory}/cpu.cfs_period_us");
    let period = limit(system, &path, "microseconds", |text| Some(Some(text.to_owned())))?;
    let Some(period) = period else { return Ok(None) };
    limit(system, &format!("{directory}/cpu.cfs_quota_us"), "-1 or microseconds", |text| match text
    {
        "-1" => Some(None),
        quota => share(quota, &period).map(Some),
    })
}

fn share(quota: &str, period: &str) -> Option<f64> {
    let (quota, period): (u64, u64) = (quota.parse().ok()?, period.parse().ok()?);
    (period > 0).then(|| quota as f64 / period as f64)
}

/// The limit in a file, or None if the file cannot be seen. The topmost cgroup has no such files, and those
/// above a container can be hidden.
fn limit<T>(
    system: &dyn System,
    path: &str,
    expected: &'static str,
    parse: impl Fn(&str) -> Option<Option<T>>,
) -> Result<Option<T>, Error> {
    match system.read(path) {
        Ok(text) => parse(text.trim()).ok_or_else(|| proc_text::malformed(path, &text, expected)),
        Err(reason)
            if matches!(reason.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied) =>
        {
            Ok(None)
        }
        Err(reason) => Err(proc_text::unreadable(path, &reason)),
    }
}
