/// The mount of a cgroup hierarchy: a line of `/proc/self/mountinfo`.
#[derive(Debug, PartialEq, Eq)]
pub struct CgroupMount {
    /// The cgroup at the top of the mount.
    root: String,
    /// The directory that shows it.
    point: String,
    /// The mount's controllers; none for cgroup v2, which has all in one.
    controllers: Option<Vec<String>>,
}

impl CgroupMount {
    /// Reads the cgroup mounts from the text of `/proc/self/mountinfo` (Documentation/filesystems/proc.rst,
    /// section 3.5).
    pub fn all(mountinfo: &str) -> Vec<Self> {
        mountinfo.lines().filter_map(Self::parse).collect()
    }

    fn parse(line: &str) -> Option<Self> {
        // Any number of optional fields comes before the dash.
        let (mount, filesystem) = line.split_once(" - ")?;
        let mut mount = mount.split(' ').skip(3);
        let mut filesystem = filesystem.split(' ');
        let (root, point) = (unescaped(mount.next()?), unescaped(mount.next()?));
        let controllers = match filesystem.next()? {
            "cgroup2" => None,
            "cgroup" => Some(filesystem.nth(1)?.split(',').map(str::to_owned).collect()),
            _ => return None,
        };
        Some(Self { root, point, controllers })
    }

    /// Whether this is the one hierarchy of cgroup v2.
    pub fn is_v2(&self) -> bool {
        self.controllers.is_none()
    }

    /// Whether this is the hierarchy of a controller of cgroup v1.
    pub fn controls(&self, controller: &str) -> bool {
        self.controllers.as_ref().is_some_and(|all| all.iter().any(|name| name == controller))
    }

    /// The directories of a cgroup and of its ancestors, as far as the mount shows them, topmost first. They
    /// need not exist. Empty if the cgroup is not below the mount.
    pub fn directories(&self, cgroup: &str) -> Vec<String> {
        let root: Vec<&str> = parts(&self.root).collect();
        let cgroup: Vec<&str> = parts(cgroup).collect();
        let below = match cgroup.strip_prefix(root.as_slice()) {
            Some(below) => below,
            // A mount from outside the cgroup namespace is above this process, but does not tell by which names
            // (cgroup_namespaces(7)).
            None if root.iter().all(|part| *part == "..") => &[],
            None => return Vec::new(),
        };
        let mut directory = self.point.trim_end_matches('/').to_owned();
        let mut directories = vec![directory.clone()];
        for part in below {
            directory = format!("{directory}/{part}");
            directories.push(directory.clone());
        }
        directories
    }
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}

/// Replaces the escapes of mountinfo, which writes a space, tab, newline or backslash as a backslash and three
/// octal digits.
fn unescaped(path: &str) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .iter()
        .fold(path.to_owned(), |path, (escape, plain)| path.replace(escape, plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mount(line: &str) -> CgroupMount {
        CgroupMount::parse(line).expect(line)
    }

    #[test]
    fn only_cgroup_mounts_are_kept() {
        let text = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
            30 22 0:26 / /sys/fs/cgroup rw,nosuid shared:4 master:1 - cgroup2 cgroup rw,nsdelegate\n\
            31 22 0:27 / /cg\\040v1/cpu rw - cgroup cgroup rw,cpu,cpuacct\n\
            nonsense\n";
        let mounts = CgroupMount::all(text);
        assert_eq!(mounts.len(), 2);
        assert!(mounts[0].is_v2() && !mounts[0].controls("cpu"));
        assert!(
            mounts[1].controls("cpu")
                && mounts[1].controls("cpuacct")
                && !mounts[1].controls("memory")
        );
        assert_eq!(mounts[1].directories("/"), ["/cg v1/cpu"]);
    }

    #[test]
    fn directories_go_from_the_mount_down_to_the_cgroup() {
        let whole = mount("30 22 0:26 / /cg rw - cgroup2 cgroup rw");
        assert_eq!(whole.directories("/a/b"), ["/cg", "/cg/a", "/cg/a/b"]);
        let part = mount("30 22 0:26 /docker/1 /cg rw - cgroup2 cgroup rw");
        assert_eq!(part.directories("/docker/1/x"), ["/cg", "/cg/x"]);
        assert_eq!(part.directories("/docker/12").len(), 0);
        assert_eq!(part.directories("/").len(), 0);
    }

    #[test]
    fn a_mount_from_outside_the_namespace_shows_its_top_only() {
        let outside = mount("30 22 0:26 /../.. /cg rw - cgroup2 cgroup rw");
        assert_eq!(outside.directories("/a"), ["/cg"]);
        assert_eq!(outside.directories("/../../b"), ["/cg", "/cg/b"]);
    }
}
