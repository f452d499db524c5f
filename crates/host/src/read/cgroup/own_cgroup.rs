use std::io::ErrorKind;

use crate::error::Error;
use crate::read::cgroup::mounts::CgroupMount;
use crate::read::proc_text;
use crate::system::System;

/// A cgroup of this process or an ancestor of one, as a mount shows it. It need not exist.
#[derive(Debug)]
pub struct OwnCgroup {
    directory: String,
    is_v2: bool,
    /// The controllers of its hierarchy; none for cgroup v2, which has all in one.
    controllers: Vec<String>,
}

impl OwnCgroup {
    /// Returns this process's cgroups of both versions and all ancestors that it can see, because a machine can
    /// have some controllers in each version. A kernel without cgroups has none.
    pub fn all(system: &dyn System) -> Result<Vec<Self>, Error> {
        let Some(cgroups) = proc_text::text_if_there(system, "/proc/self/cgroup")? else {
            return Ok(Vec::new());
        };
        let mounts = CgroupMount::all(&proc_text::text(system, "/proc/self/mountinfo")?);
        let in_mount = |mount| cgroups.lines().flat_map(move |line| Self::of_line(mount, line));
        Ok(mounts.iter().flat_map(in_mount).collect())
    }

    /// The cgroup of a line of `/proc/self/cgroup` and its ancestors, topmost first. Empty if the cgroup is not in
    /// the mount's hierarchy.
    fn of_line(mount: &CgroupMount, line: &str) -> Vec<Self> {
        // A line is hierarchy-ID:controllers:path (cgroups(7)); a path may contain colons.
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(names), Some(path)) = (parts.next(), parts.next()) else {
            return Vec::new();
        };
        let is_v2 = mount.is_v2() && names.is_empty();
        let controlled = names.split(',').filter(|name| mount.controls(name));
        let controllers: Vec<String> = controlled.map(str::to_owned).collect();
        if !is_v2 && controllers.is_empty() {
            return Vec::new();
        }
        let cgroup = |directory| Self { directory, is_v2, controllers: controllers.clone() };
        mount.directories(path).into_iter().map(cgroup).collect()
    }

    /// Whether this is a cgroup of version 2, which can have files of any controller.
    pub fn is_v2(&self) -> bool {
        self.is_v2
    }

    /// Whether this is a cgroup of version 1 with this controller.
    pub fn controls(&self, controller: &str) -> bool {
        self.controllers.iter().any(|name| name == controller)
    }

    /// Reads a figure from a file of the cgroup; None if the file has none or cannot be seen. The topmost cgroup
    /// lacks some files, and those above a container can be hidden.
    ///
    /// `parse` returns None if the text is not as `expected`, and `Some(None)` if it has no figure.
    pub fn figure<T>(
        &self,
        system: &dyn System,
        file: &str,
        expected: &'static str,
        parse: impl Fn(&str) -> Option<Option<T>>,
    ) -> Result<Option<T>, Error> {
        let path = format!("{}/{file}", self.directory);
        match system.read(&path) {
            Ok(text) => {
                parse(text.trim()).ok_or_else(|| proc_text::malformed(&path, &text, expected))
            }
            Err(reason)
                if matches!(reason.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied) =>
            {
                Ok(None)
            }
            Err(reason) => Err(proc_text::unreadable(&path, &reason)),
        }
    }
}
