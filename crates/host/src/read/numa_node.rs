use crate::cpu_set::CpuSet;

/// A NUMA node: CPUs with the memory that is near to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumaNode {
    /// The kernel's number. The numbers of a machine can have holes.
    pub id: u32,
    /// The CPUs; empty if the node has only memory.
    pub cpus: CpuSet,
    /// The memory in bytes, whether free or not. Some nodes have none.
    pub memory_bytes: u64,
}
