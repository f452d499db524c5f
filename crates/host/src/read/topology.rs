use crate::cpu_set::CpuSet;
use crate::error::Error;
use crate::read::memory::host_memory_bytes;
use crate::read::numa_node::NumaNode;
use crate::read::proc_text;
use crate::system::System;

const ONLINE: &str = "/sys/devices/system/cpu/online";
const NODES: &str = "/sys/devices/system/node";

/// The CPUs of a machine, by core and by NUMA node.
///
/// Each CPU that is online is in one core and in one NUMA node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topology {
    online: CpuSet,
    cores: Vec<CpuSet>,
    nodes: Vec<NumaNode>,
}

impl Topology {
    /// Reads the whole machine that the process runs on, whatever part of it the process may use.
    ///
    /// The sources are `/sys/devices/system/cpu` (Documentation/admin-guide/cputopology.rst) and
    /// `/sys/devices/system/node` (Documentation/ABI/stable/sysfs-devices-node). If no NUMA nodes are visible,
    /// as in some containers, all CPUs and all memory are in one node 0.
    ///
    /// # Errors
    ///
    /// [`Error::Unreadable`] and [`Error::Malformed`] if files are missing or not as documented.
    pub fn read(system: &dyn System) -> Result<Self, Error> {
        let online = online(system)?;
        let cores = cores(system, &online)?;
        let nodes = nodes(system, &online)?;
        Ok(Self { online, cores, nodes })
    }

    /// The CPUs that are online. Their numbers can have holes.
    pub fn online(&self) -> &CpuSet {
        &self.online
    }

    /// The CPUs of each core (its SMT siblings), by their lowest CPUs.
    pub fn cores(&self) -> &[CpuSet] {
        &self.cores
    }

    /// The NUMA nodes by their numbers, including those that have only memory.
    pub fn nodes(&self) -> &[NumaNode] {
        &self.nodes
    }
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

pub fn online(system: &dyn System) -> Result<CpuSet, Error> {
    let text = proc_text::text(system, ONLINE)?;
    let online = proc_text::cpu_list(ONLINE, &text)?;
    if online.is_empty() {
        return Err(proc_text::malformed(ONLINE, &text, "at least one CPU"));
    }
    Ok(online)
}

fn cores(system: &dyn System, online: &CpuSet) -> Result<Vec<CpuSet>, Error> {
    let mut left = online.clone();
    let mut cores = Vec::new();
    while let Some(cpu) = left.first() {
        // Taking only CPUs that are left puts each CPU in one core, even if siblings disagree.
        let mut core = siblings(system, cpu)?.intersection(&left);
        core.insert(cpu);
        left = left.difference(&core);
        cores.push(core);
    }
    Ok(cores)
}

/// The siblings of a CPU; empty if the kernel does not tell.
fn siblings(system: &dyn System, cpu: u32) -> Result<CpuSet, Error> {
    // Kernels before 5.3 have the second name.
    for name in ["core_cpus_list", "thread_siblings_list"] {
        let path = format!("/sys/devices/system/cpu/cpu{cpu}/topology/{name}");
        if let Some(text) = proc_text::text_if_there(system, &path)? {
            return proc_text::cpu_list(&path, &text);
        }
    }
    Ok(CpuSet::new())
}

fn nodes(system: &dyn System, online: &CpuSet) -> Result<Vec<NumaNode>, Error> {
    let mut left = online.clone();
    let mut nodes = Vec::new();
    for id in proc_text::numbers(&proc_text::names_if_there(system, NODES)?, "node") {
        let path = format!("{NODES}/node{id}/cpulist");
        let cpus =
            proc_text::cpu_list(&path, &proc_text::text(system, &path)?)?.intersection(&left);
        left = left.difference(&cpus);
        nodes.push(NumaNode { id, cpus, memory_bytes: node_memory(system, id)? });
    }
    // Like the kernel, this counts a CPU of unknown node as one of the first node.
    let first = nodes.iter().position(|node| !node.cpus.is_empty()).unwrap_or(0);
    match nodes.get_mut(first) {
        Some(node) => node.cpus.extend(left.iter()),
        None => {
            nodes.push(NumaNode { id: 0, cpus: left, memory_bytes: host_memory_bytes(system)? });
        }
    }
    Ok(nodes)
}

fn node_memory(system: &dyn System, id: u32) -> Result<u64, Error> {
    let path = format!("{NODES}/node{id}/meminfo");
    let text = proc_text::text(system, &path)?;
    proc_text::bytes(&text, &format!("Node {id} MemTotal:"))
        .ok_or_else(|| proc_text::malformed(&path, &text, "a line 'Node 0 MemTotal: 1 kB'"))
}
