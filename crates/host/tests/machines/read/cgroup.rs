use protoplast_host::{CgroupLimits, Error};

use crate::recorded::Recorded;

const GIB: u64 = 1 << 30;

fn read(name: &str) -> CgroupLimits {
    CgroupLimits::read(&Recorded::tree(name)).expect(name)
}

#[test]
fn the_smallest_limit_of_all_ancestors_holds() {
    assert_eq!(
        read("cgroup-v2-nested"),
        CgroupLimits { memory_bytes: Some(4 * GIB), cpus: Some(2.0), threads: Some(500) }
    );
    assert_eq!(
        read("cgroup-v1-nested"),
        CgroupLimits { memory_bytes: Some(GIB), cpus: Some(2.5), threads: Some(700) }
    );
}

#[test]
fn a_container_sees_its_own_cgroup_as_the_topmost() {
    assert_eq!(
        read("container"),
        CgroupLimits { memory_bytes: Some(2 * GIB), cpus: Some(1.5), threads: None }
    );
}

#[test]
fn both_versions_are_read_if_both_are_mounted() {
    assert_eq!(
        read("cgroup-hybrid"),
        CgroupLimits { memory_bytes: Some(GIB / 2), cpus: None, threads: None }
    );
    let v2 = Recorded::tree("cgroup-hybrid").with("/sys/fs/cgroup/unified/memory.max", "4096\n");
    assert_eq!(CgroupLimits::read(&v2).unwrap().memory_bytes, Some(4096));
}

#[test]
fn a_missing_limit_is_none() {
    let none = CgroupLimits { memory_bytes: None, cpus: None, threads: None };
    assert_eq!(read("one-node"), none);
    let machine = Recorded::tree("container")
        .with("/sys/fs/cgroup/memory.max", "max\n")
        .without("/sys/fs/cgroup/cpu.max");
    assert_eq!(CgroupLimits::read(&machine), Ok(none));
    // With pages of 64 KiB, the largest number of pages is another.
    let machine = Recorded::tree("cgroup-hybrid")
        .with("/sys/fs/cgroup/memory/service/memory.limit_in_bytes", "9223372036854710272\n");
    assert_eq!(CgroupLimits::read(&machine), Ok(none));
}

#[test]
fn a_hidden_file_does_not_limit() {
    let mut machine = Recorded::tree("cgroup-v2-nested");
    machine
        .denied
        .insert("/sys/fs/cgroup/kubepods.slice/kubepods-pod1.slice/memory.max".to_owned());
    assert_eq!(CgroupLimits::read(&machine).unwrap().memory_bytes, Some(8 * GIB));
}

#[test]
fn another_text_is_an_error() {
    for (path, content) in [
        ("memory.max", "lots"),
        ("memory.max", "-1"),
        ("cpu.max", "100000"),
        ("cpu.max", "100000 0"),
        ("cpu.max", "1e5 100000"),
    ] {
        let path = format!("/sys/fs/cgroup/{path}");
        let error =
            CgroupLimits::read(&Recorded::tree("container").with(&path, content)).unwrap_err();
        assert!(
            error.to_string().contains(&path) && error.to_string().contains(content),
            "{error}"
        );
    }
    let machine = Recorded::tree("container").without("/proc/self/mountinfo");
    assert!(matches!(CgroupLimits::read(&machine), Err(Error::Unreadable { .. })));
}
