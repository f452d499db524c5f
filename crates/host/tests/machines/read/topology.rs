use protoplast_host::{Error, NumaNode, Topology, host_memory_bytes, numa_nodes};

use crate::recorded::Recorded;

const KIB: u64 = 1024;

fn read(name: &str) -> Topology {
    Topology::read(&Recorded::tree(name)).expect(name)
}

fn cores(topology: &Topology) -> Vec<String> {
    topology.cores().iter().map(ToString::to_string).collect()
}

fn node(id: u32, cpus: &str, kibibytes: u64) -> NumaNode {
    NumaNode { id, cpus: cpus.parse().unwrap(), memory_bytes: kibibytes * KIB }
}

#[test]
fn one_node_without_smt() {
    let topology = read("one-node");
    assert_eq!(topology.online().to_string(), "0-3");
    assert_eq!(cores(&topology), ["0", "1", "2", "3"]);
    assert_eq!(topology.nodes(), [node(0, "0-3", 16_384_000)]);
}

#[test]
fn siblings_next_to_each_other_and_apart() {
    assert_eq!(cores(&read("one-node-adjacent")), ["0-1", "2-3", "4-5", "6-7"]);
    let topology = read("two-nodes");
    assert_eq!(cores(&topology), ["0,8", "1,9", "2,10", "3,11", "4,12", "5,13", "6,14", "7,15"]);
    assert_eq!(
        topology.nodes(),
        [node(0, "0-3,8-11", 65_000_000), node(1, "4-7,12-15", 66_000_000)]
    );
}

#[test]
fn eight_nodes() {
    let topology = read("eight-nodes");
    assert_eq!((topology.cores().len(), topology.nodes().len()), (32, 8));
    assert_eq!(topology.nodes()[7], node(7, "28-31,60-63", 32_900_007));
}

#[test]
fn holes_in_the_numbers_and_a_node_of_memory_alone() {
    let topology = read("holes");
    assert_eq!(cores(&topology), ["0-3", "4", "8-11", "12-15"]);
    assert_eq!(
        topology.nodes(),
        [node(0, "0-4", 30_000_000), node(8, "8-15", 0), node(255, "", 16_000_000)]
    );
    assert_eq!(
        numa_nodes(&topology, &"3-9".parse().unwrap()),
        [node(0, "3-4", 30_000_000), node(8, "8-9", 0)]
    );
    assert_eq!(numa_nodes(&topology, &"12".parse().unwrap()), [node(8, "12", 0)]);
}

#[test]
fn without_nodes_all_is_in_node_0() {
    let topology = read("container");
    assert_eq!(topology.nodes(), [node(0, "0-3", 8_000_000)]);
    assert_eq!(host_memory_bytes(&Recorded::tree("container")), Ok(8_000_000 * KIB));
}

#[test]
fn gaps_in_the_kernel_s_files_are_filled() {
    // One CPU is in no node, one core has no siblings file, and some siblings disagree.
    let machine = Recorded::tree("one-node-adjacent")
        .with("/sys/devices/system/node/node0/cpulist", "0-6\n")
        .without("/sys/devices/system/cpu/cpu2/topology/core_cpus_list")
        .with("/sys/devices/system/cpu/cpu4/topology/core_cpus_list", "3-5\n");
    let topology = Topology::read(&machine).unwrap();
    assert_eq!(cores(&topology), ["0-1", "2", "3", "4-5", "6-7"]);
    assert_eq!(topology.nodes(), [node(0, "0-7", 32_768_000)]);
}

#[test]
fn errors_name_the_file_and_what_is_in_it() {
    let online = "/sys/devices/system/cpu/online";
    let error =
        Topology::read(&Recorded::tree("two-nodes").without(online)).unwrap_err().to_string();
    assert!(error.contains(online) && error.contains("mount /proc and /sys"), "{error}");

    for (path, content) in [
        (online, "all"),
        (online, "\n"),
        ("/sys/devices/system/cpu/cpu0/topology/core_cpus_list", "0,"),
        ("/sys/devices/system/node/node1/cpulist", "4-x"),
        ("/sys/devices/system/node/node1/meminfo", "Node 0 MemTotal: 12 kB"),
    ] {
        let error = Topology::read(&Recorded::tree("two-nodes").with(path, content)).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(path) && text.contains(&format!("'{}'", content.trim())), "{text}");
    }

    let mut machine = Recorded::tree("two-nodes");
    machine.denied.insert("/sys/devices/system/node/node0/cpulist".to_owned());
    assert!(matches!(Topology::read(&machine), Err(Error::Unreadable { .. })));
    let machine = Recorded::new("/proc/meminfo = MemFree: 1 kB");
    assert!(matches!(host_memory_bytes(&machine), Err(Error::Malformed { .. })));
}
