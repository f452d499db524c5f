//! Reads this process's cgroups, of both versions.

mod limits;
mod memory;
mod mounts;
mod own_cgroup;

pub use limits::CgroupLimits;
