//! The crate on the machine that the tests run on.
#![allow(clippy::expect_used)]

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use protoplast_host::{
    CgroupLimits, CpuSet, Error, Linux, MAX_CPU, ProcessReport, System, ThreadSchedule, Topology,
    allowed_cpus, assign_cores, available_memory, host_memory_bytes, numa_nodes, parent_variable,
    pin, take_short_slices,
};

/// This is one test, because it changes the affinity of the whole process.
#[test]
fn every_thread_is_pinned_and_put_back() {
    let allowed = allowed_cpus(&Linux).expect("allowed CPUs");
    let one: CpuSet = allowed.first().into_iter().collect();
    // These threads exist before and after.
    let (ends, threads): (Vec<_>, Vec<_>) = (0..4)
        .map(|_| {
            let (end, wait) = mpsc::channel::<()>();
            let run = move || {
                let _ = wait.recv();
                Linux.affinity(0).expect("own affinity")
            };
            (end, thread::spawn(run))
        })
        .unzip();

    pin(&Linux, &one).expect("pinned");
    assert_eq!(allowed_cpus(&Linux).as_ref(), Ok(&one));
    let later = thread::spawn(|| Linux.affinity(0).expect("own affinity"));
    assert_eq!(later.join().expect("later"), one);
    let report = ProcessReport::read(&Linux).expect("a report");
    assert_eq!(report.cpus_allowed, one);
    assert!(report.threads >= 5, "{report:?}");
    drop(ends);
    for thread in threads {
        assert_eq!(thread.join().expect("earlier"), one);
    }

    // No machine has this CPU, so nothing changes.
    let nowhere = CpuSet::from_iter([MAX_CPU]);
    assert!(matches!(pin(&Linux, &nowhere), Err(Error::NotPinned { .. })));
    assert_eq!(allowed_cpus(&Linux).as_ref(), Ok(&one));

    pin(&Linux, &allowed).expect("put back");
    assert_eq!(allowed_cpus(&Linux), Ok(allowed));
}

#[test]
fn the_topology_has_every_cpu_once() {
    let topology = Topology::read(&Linux).expect("a topology");
    let of_cores: Vec<u32> = topology.cores().iter().flat_map(CpuSet::iter).collect();
    let of_nodes: Vec<u32> = topology.nodes().iter().flat_map(|node| node.cpus.iter()).collect();
    for cpus in [of_cores, of_nodes] {
        assert_eq!(cpus.len(), topology.online().len());
        assert_eq!(&CpuSet::from_iter(cpus), topology.online());
    }
    assert!(!numa_nodes(&topology, topology.online()).is_empty());

    let widths = vec![1; topology.online().len()];
    let sets = assign_cores(&topology, topology.online(), &widths).expect("one CPU each");
    assert!(sets.iter().all(|set| set.len() == 1));
}

#[test]
fn memory_and_limits_are_read() {
    let host = host_memory_bytes(&Linux).expect("memory");
    assert!(host > 1 << 20);
    let limits = CgroupLimits::read(&Linux).expect("limits");
    assert!(limits.memory_bytes.is_none_or(|bytes| bytes > 0));
    assert!(limits.cpus.is_none_or(|cpus| cpus > 0.0));
    let memory = available_memory(&Linux).expect("available memory");
    assert!(memory.available_bytes > 0 && memory.available_bytes <= memory.total_bytes);
    assert_eq!(memory.total_bytes, limits.memory_bytes.map_or(host, |limit| limit.min(host)));
}

#[test]
fn a_report_has_the_figures_of_this_process() {
    let own = ProcessReport::read(&Linux).expect("a report");
    assert_eq!(own.pid, std::process::id());
    assert!(own.rss_bytes > 0 && own.rss_bytes < host_memory_bytes(&Linux).expect("memory"));
    assert!(own.pss_bytes.is_none_or(|pss| pss > 0 && pss <= own.rss_bytes));
}

#[test]
fn the_parent_of_a_test_has_a_path() {
    let path = parent_variable(&Linux, "PATH").expect("the parent's environment");
    assert!(path.is_some_and(|path| !path.is_empty()));
}

#[test]
fn the_kernel_counts_how_often_a_thread_got_a_cpu() {
    let schedule = ThreadSchedule::open().expect("the file of this thread");
    let before = schedule.read().expect("figures");
    thread::sleep(Duration::from_millis(5));
    let after = schedule.read().expect("figures");
    assert!(after.runs > before.runs, "{before:?} {after:?}");
    assert!(after.queued_ns >= before.queued_ns);
}

#[test]
fn a_thread_takes_short_slices() {
    thread::spawn(take_short_slices).join().expect("no panic").expect("the kernel takes it");
}
