use crate::error::Error;
use crate::read::cgroup::own_cgroup::OwnCgroup;
use crate::system::System;

/// cgroup v1 writes "no limit" as the largest number of pages, in bytes: 2^63 minus up to a page. No machine
/// has an EiB of memory.
const V1_NO_LIMIT: u64 = 1 << 60;

/// The memory limit of one cgroup, in bytes: `memory.max` (Documentation/admin-guide/cgroup-v2.rst) or
/// `memory.limit_in_bytes` (Documentation/admin-guide/cgroup-v1/memory.rst). None if it has no limit, or if
/// memory is not controlled in its hierarchy.
pub fn memory_limit(system: &dyn System, cgroup: &OwnCgroup) -> Result<Option<u64>, Error> {
    if cgroup.is_v2() {
        return cgroup.figure(system, "memory.max", "'max' or bytes", |text| match text {
            "max" => Some(None),
            bytes => bytes.parse().ok().map(Some),
        });
    }
    if !cgroup.controls("memory") {
        return Ok(None);
    }
    let given = bytes(system, cgroup, "memory.limit_in_bytes")?;
    Ok(given.filter(|bytes| *bytes < V1_NO_LIMIT))
}

fn bytes(system: &dyn System, cgroup: &OwnCgroup, file: &str) -> Result<Option<u64>, Error> {
    cgroup.figure(system, file, "bytes", |text| text.parse().ok().map(Some))
}
