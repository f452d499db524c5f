use std::fmt::Write;

use proptest::prelude::*;
use protoplast_host::{CpuSet, Topology};

use crate::recorded::Recorded;

/// A machine of equal cores.
#[derive(Debug, Clone)]
pub struct Machine {
    pub nodes: u32,
    pub cores_per_node: u32,
    pub smt: u32,
    /// Whether the siblings of a core have neighbouring numbers; otherwise they are as far apart as there are
    /// cores.
    pub adjacent: bool,
    /// The number of each NUMA node is this times its index.
    pub node_step: u32,
    /// The number of each CPU is this times its index.
    pub cpu_step: u32,
}

impl Machine {
    pub fn topology(&self) -> Topology {
        let mut text = format!("/sys/devices/system/cpu/online = {}\n", self.cpus(0..self.cores()));
        for core in 0..self.cores() {
            let siblings = self.cpus(core..core + 1);
            let path = "/sys/devices/system/cpu";
            writeln!(text, "{path}/cpu{{{siblings}}}/topology/core_cpus_list = {siblings}")
                .unwrap();
        }
        for node in 0..self.nodes {
            let (first, id) = (node * self.cores_per_node, node * self.node_step);
            let cpus = self.cpus(first..first + self.cores_per_node);
            let path = format!("/sys/devices/system/node/node{id}");
            writeln!(text, "{path}/cpulist = {cpus}").unwrap();
            writeln!(text, "{path}/meminfo = Node {id} MemTotal: 1000 kB").unwrap();
        }
        Topology::read(&Recorded::new(&text)).expect("a topology")
    }

    fn cores(&self) -> u32 {
        self.nodes * self.cores_per_node
    }

    fn cpus(&self, cores: std::ops::Range<u32>) -> CpuSet {
        let place = |core, thread| match self.adjacent {
            true => core * self.smt + thread,
            false => core + thread * self.cores(),
        };
        let siblings = |core| (0..self.smt).map(move |thread| place(core, thread) * self.cpu_step);
        cores.flat_map(siblings).collect()
    }
}

/// Machines of up to `nodes` NUMA nodes of up to `cores` cores.
pub fn machines(nodes: u32, cores: u32, smt: &'static [u32]) -> impl Strategy<Value = Machine> {
    let counts = (1..=nodes, 1..=cores, proptest::sample::select(smt));
    (counts, any::<bool>(), 1..4_u32, 1..3_u32).prop_map(
        |((nodes, cores_per_node, smt), adjacent, node_step, cpu_step)| Machine {
            nodes,
            cores_per_node,
            smt,
            adjacent,
            node_step,
            cpu_step,
        },
    )
}

/// A part of the machine's CPUs.
pub fn part(topology: &Topology, is_in: &[bool]) -> CpuSet {
    let cpus = topology.online().iter().zip(is_in.iter().cycle());
    cpus.filter_map(|(cpu, is_in)| is_in.then_some(cpu)).collect()
}

/// As many of `widths` as fit in this many CPUs.
pub fn fitting(widths: &[u32], cpus: usize) -> Vec<u32> {
    let mut left = u32::try_from(cpus).unwrap();
    let take = |width: &u32| {
        let fits = *width <= left;
        left -= if fits { *width } else { 0 };
        fits.then_some(*width)
    };
    widths.iter().filter_map(take).collect()
}
