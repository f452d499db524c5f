use crate::error::Error;
use crate::read::cgroup::own_cgroup::OwnCgroup;
use crate::read::proc_text;
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

/// The memory of one cgroup with a limit that the kernel cannot drop at once, in bytes: its usage
/// (`memory.current` or `memory.usage_in_bytes`) except for the file pages of `memory.stat`, which Ray's memory
/// monitor leaves out as well. Files in memory, such as Ray's object store, are not among these. What cannot be
/// seen counts as 0.
pub fn working_set(system: &dyn System, cgroup: &OwnCgroup) -> Result<u64, Error> {
    // Of version 1, the lines with `total_` include the cgroups below, as the usage does.
    let (usage, files) = match cgroup.is_v2() {
        true => ("memory.current", ["inactive_file ", "active_file "]),
        false => ("memory.usage_in_bytes", ["total_inactive_file ", "total_active_file "]),
    };
    let usage = bytes(system, cgroup, usage)?.unwrap_or(0);
    let expected = "lines 'inactive_file 1', 'total_inactive_file 1' and the like";
    let files = cgroup.figure(system, "memory.stat", expected, |text| {
        let lines = files.iter().filter_map(|key| proc_text::field(text, key));
        lines.map(|bytes| bytes.parse::<u64>().ok()).sum::<Option<u64>>().map(Some)
    })?;
    // The files are read one after the other, and the kernel counts in batches.
    Ok(usage.saturating_sub(files.unwrap_or(0)))
}

fn bytes(system: &dyn System, cgroup: &OwnCgroup, file: &str) -> Result<Option<u64>, Error> {
    cgroup.figure(system, file, "bytes", |text| text.parse().ok().map(Some))
}
