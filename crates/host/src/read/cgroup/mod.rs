//! Reads this process's cgroups, of both versions.

mod limits;
mod memory;
mod mounts;
mod own_cgroup;

pub use limits::CgroupLimits;
pub use memory::{memory_limit, working_set};
pub use own_cgroup::OwnCgroup;
