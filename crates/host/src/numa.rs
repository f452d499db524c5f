use crate::cpu_set::CpuSet;
use crate::topology::Topology;

/// A NUMA node: CPUs with the memory that is near to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumaNode {
    /// The kernel's number. The numbers of a machine can have holes.
    pub id: u32,
    /// Its CPUs; empty for one that is memory alone.
    pub cpus: CpuSet,
    /// Its memory in bytes, whether free or not. Some nodes have none.
    pub memory_bytes: u64,
}

/// The NUMA nodes that have allowed CPUs, each with those CPUs only, in the order of their numbers.
pub fn numa_nodes(topology: &Topology, allowed: &CpuSet) -> Vec<NumaNode> {
    topology
        .nodes()
        .iter()
        .map(|node| NumaNode { cpus: node.cpus.intersection(allowed), ..node.clone() })
        .filter(|node| !node.cpus.is_empty())
        .collect()
}
