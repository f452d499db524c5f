use protoplast_host::{AvailableMemory, CgroupLimits, Error, available_memory};

use crate::recorded::Recorded;

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

const V2_POD: &str = "/sys/fs/cgroup/kubepods.slice/kubepods-pod1.slice";
const V2_CONTAINER: &str = "/sys/fs/cgroup/kubepods.slice/kubepods-pod1.slice/cri-1.scope";
const V1_CONTAINER: &str = "/sys/fs/cgroup/memory";
const V1_JOB: &str = "/sys/fs/cgroup/memory/job";

/// A machine of 64 GiB of which 40 GiB are available.
fn machine(tree: &str) -> Recorded {
    let (total, available) = (64 * GIB / 1024, 40 * GIB / 1024);
    let text = format!("MemTotal: {total} kB\nMemFree: 1 kB\nMemAvailable: {available} kB\n");
    Recorded::tree(tree).with("/proc/meminfo", &text)
}

fn with_v2(machine: Recorded, cgroup: &str, usage: u64, files: u64) -> Recorded {
    let (inactive, active) = (files / 2, files - files / 2);
    let stat = format!("anon 4096\nfile 8192\ninactive_file {inactive}\nactive_file {active}\n");
    machine
        .with(&format!("{cgroup}/memory.current"), &format!("{usage}\n"))
        .with(&format!("{cgroup}/memory.stat"), &stat)
}

/// The figures of a cgroup alone, without those below it, are of no use.
fn with_v1(machine: Recorded, cgroup: &str, usage: u64, files: u64) -> Recorded {
    let (inactive, active) = (files / 2, files - files / 2);
    let stat = format!(
        "inactive_file 77\ntotal_cache 8192\ntotal_inactive_file {inactive}\n\
         total_active_file {active}\n"
    );
    machine
        .with(&format!("{cgroup}/memory.usage_in_bytes"), &format!("{usage}\n"))
        .with(&format!("{cgroup}/memory.stat"), &stat)
}

fn memory(available_bytes: u64, total_bytes: u64) -> Result<AvailableMemory, Error> {
    Ok(AvailableMemory { available_bytes, total_bytes })
}

#[test]
fn without_a_limit_it_is_that_of_the_machine() {
    assert_eq!(available_memory(&machine("one-node")), memory(40 * GIB, 64 * GIB));
    let unlimited = machine("container").with("/sys/fs/cgroup/memory.max", "max\n");
    let unlimited = with_v2(unlimited, "/sys/fs/cgroup", 63 * GIB, 0);
    assert_eq!(available_memory(&unlimited), memory(40 * GIB, 64 * GIB));
}

#[test]
fn the_cgroup_with_the_least_left_counts() {
    // The pod has 4 GiB, the container in it 8 GiB.
    let v2 = with_v2(machine("cgroup-v2-nested"), V2_POD, 3 * GIB, GIB);
    let v2 = with_v2(v2, V2_CONTAINER, 2 * GIB, 100 * MIB);
    assert_eq!(available_memory(&v2), memory(2 * GIB, 4 * GIB));
    let v2 = with_v2(v2, V2_CONTAINER, 7 * GIB, 0);
    assert_eq!(available_memory(&v2), memory(GIB, 4 * GIB));
    // The container has 3 GiB, the job in it 1 GiB.
    let v1 = with_v1(machine("cgroup-v1-nested"), V1_CONTAINER, 2 * GIB, 0);
    let v1 = with_v1(v1, V1_JOB, 400 * MIB, 100 * MIB);
    assert_eq!(available_memory(&v1), memory(724 * MIB, GIB));
    let v1 = with_v1(v1, V1_CONTAINER, 3 * GIB, 300 * MIB);
    assert_eq!(available_memory(&v1), memory(300 * MIB, GIB));
}

#[test]
fn both_versions_are_read_if_both_are_mounted() {
    let service = "/sys/fs/cgroup/memory/service";
    let hybrid = with_v1(machine("cgroup-hybrid"), service, 200 * MIB, 0);
    assert_eq!(available_memory(&hybrid), memory(312 * MIB, 512 * MIB));
    let unified = "/sys/fs/cgroup/unified";
    let v2 = hybrid.with(&format!("{unified}/memory.max"), "314572800\n");
    let v2 = with_v2(v2, unified, 50 * MIB, 0);
    assert_eq!(available_memory(&v2), memory(250 * MIB, 300 * MIB));
}

#[test]
fn a_machine_can_have_less_than_its_cgroups_allow() {
    let full = with_v2(machine("cgroup-v2-nested"), V2_POD, GIB, 0)
        .with("/proc/meminfo", "MemTotal: 2097152 kB\nMemAvailable: 1024 kB\n");
    assert_eq!(available_memory(&full), memory(MIB, 2 * GIB));
}

#[test]
fn usage_above_the_limit_leaves_nothing() {
    let v2 = with_v2(machine("cgroup-v2-nested"), V2_POD, 5 * GIB, 100 * MIB);
    assert_eq!(available_memory(&v2), memory(0, 4 * GIB));
    let v1 = with_v1(machine("cgroup-v1-nested"), V1_JOB, GIB + 1, 0);
    assert_eq!(available_memory(&v1), memory(0, GIB));
    // The two files are not of the same moment.
    let v1 = with_v1(machine("cgroup-v1-nested"), V1_JOB, MIB, 2 * MIB);
    assert_eq!(available_memory(&v1), memory(GIB, GIB));
}

#[test]
fn what_is_hidden_counts_as_unused() {
    assert_eq!(available_memory(&machine("cgroup-v2-nested")), memory(4 * GIB, 4 * GIB));
    let mut hidden = with_v2(machine("cgroup-v2-nested"), V2_POD, GIB, 100 * MIB);
    hidden.denied.insert(format!("{V2_POD}/memory.stat"));
    assert_eq!(available_memory(&hidden), memory(3 * GIB, 4 * GIB));
    let without = hidden.with(&format!("{V2_CONTAINER}/memory.stat"), "anon 4096\n");
    assert_eq!(available_memory(&without), memory(3 * GIB, 4 * GIB));
}

#[test]
fn all_memory_is_what_the_limits_say() {
    for tree in ["container", "cgroup-v2-nested", "cgroup-v1-nested", "cgroup-hybrid"] {
        let machine = machine(tree);
        let limit = CgroupLimits::read(&machine).unwrap().memory_bytes;
        assert_eq!(available_memory(&machine).ok().map(|memory| memory.total_bytes), limit);
    }
}

#[test]
fn another_text_is_an_error() {
    for (path, content) in [
        ("/sys/fs/cgroup/memory.current", "max"),
        ("/sys/fs/cgroup/memory.stat", "inactive_file -1"),
        ("/proc/meminfo", "MemTotal: 8000000 kB"),
        ("/proc/meminfo", "MemAvailable: 8000000 kB"),
    ] {
        let error = available_memory(&machine("container").with(path, content)).unwrap_err();
        assert!(error.to_string().contains(path) && error.to_string().contains(content), "{error}");
    }
    let without = machine("container").without("/proc/meminfo");
    assert!(matches!(available_memory(&without), Err(Error::Unreadable { .. })));
}
