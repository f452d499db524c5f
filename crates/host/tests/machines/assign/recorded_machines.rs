//! Machines whose /sys was recorded.

use protoplast_host::{CpuSet, Topology, allowed_cpus, assign_cores, assign_numa};

use crate::recorded::Recorded;

fn machine(name: &str) -> (Topology, CpuSet) {
    let machine = Recorded::tree(name);
    (Topology::read(&machine).expect(name), allowed_cpus(&machine).expect(name))
}

/// How many nodes have CPUs, how many cores there are, and how many CPUs per core.
fn shape(name: &str) -> (usize, usize, usize) {
    let (topology, _) = machine(name);
    let nodes = topology.nodes().iter().filter(|node| !node.cpus.is_empty()).count();
    let widest = topology.cores().iter().map(CpuSet::len).max().expect(name);
    (nodes, topology.cores().len(), widest)
}

#[test]
fn their_topology_is_read() {
    assert_eq!(shape("recorded-dell-e4310"), (1, 2, 2));
    assert_eq!(shape("recorded-armv7"), (1, 2, 1));
    assert_eq!(shape("recorded-power7"), (1, 16, 4));
    assert_eq!(shape("recorded-epyc-7451"), (8, 48, 2));
    assert_eq!(shape("recorded-x86-64cpu"), (3, 32, 2));
}

#[test]
fn one_worker_per_core_has_the_siblings_of_its_core() {
    for name in
        ["recorded-dell-e4310", "recorded-power7", "recorded-epyc-7451", "recorded-x86-64cpu"]
    {
        let (topology, allowed) = machine(name);
        let width = shape(name).2;
        let widths = vec![u32::try_from(width).expect("small"); topology.cores().len()];
        let mut sets: Vec<_> = assign_cores(&topology, &allowed, &widths)
            .expect(name)
            .iter()
            .map(ToString::to_string)
            .collect();
        let mut cores: Vec<_> = topology.cores().iter().map(ToString::to_string).collect();
        sets.sort();
        cores.sort();
        assert_eq!(sets, cores, "{name}");
    }
}

#[test]
fn one_worker_per_numa_node_has_that_node() {
    let (topology, allowed) = machine("recorded-epyc-7451");
    let bound = assign_numa(&topology, &allowed, &[12; 8]).expect("eight workers");
    let nodes: Vec<_> = topology.nodes().iter().map(|node| node.cpus.clone()).collect();
    assert_eq!(bound, nodes);
    // The cores of each wide worker are of one node.
    for set in assign_cores(&topology, &allowed, &[12; 8]).expect("eight workers") {
        assert!(nodes.contains(&set), "{set}");
    }
}
