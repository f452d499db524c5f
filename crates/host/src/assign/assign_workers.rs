use crate::assign::bin_pack::First;
use crate::assign::core_allocator::CoreAllocator;
use crate::assign::numa_bins::NumaBins;
use crate::cpu_set::CpuSet;
use crate::error::Error;
use crate::read::{Topology, numa_nodes};

/// Assigns each worker of a node as many allowed CPUs of its own as `widths` says.
///
/// A worker is in one NUMA node if possible. If not all workers fit so, as few as possible straddle NUMA nodes,
/// and narrow ones rather than wide ones. The fullest node with enough free CPUs is taken (best fit), widest
/// workers first, so that narrow workers do not take the CPUs that wide ones need. Within a node workers have
/// whole cores, with all their allowed SMT siblings, and two workers share a core only if there are too few
/// cores.
///
/// The result depends only on the arguments, and on all widths together: each process of a node that asks gets
/// the same answer.
///
/// # Errors
///
/// [`Error::NoWidth`] for a worker of 0 CPUs, [`Error::TooFewCpus`] if the widths add up to more than the
/// allowed CPUs that are online.
pub fn assign_cores(
    topology: &Topology,
    allowed: &CpuSet,
    widths: &[u32],
) -> Result<Vec<CpuSet>, Error> {
    check(topology, allowed, widths)?;
    let nodes = numa_nodes(topology, allowed);
    let mut bins = NumaBins::new(&nodes, widths, First::Fullest);
    bins.spread_unplaced();
    let mut sets = vec![CpuSet::new(); widths.len()];
    for (node, pieces) in nodes.iter().zip(bins.pieces()) {
        let allocated = CoreAllocator::new(topology.cores(), &node.cpus).allocate(pieces);
        for (piece, cpus) in pieces.iter().zip(allocated) {
            if let Some(set) = sets.get_mut(piece.worker) {
                set.extend(cpus.iter());
            }
        }
    }
    Ok(sets)
}

/// Assigns each worker of a node all allowed CPUs of one NUMA node. Workers of one NUMA node share its CPUs.
///
/// The emptiest node with enough free CPUs is taken, widest workers first, so that nodes are loaded equally. A
/// worker that would have to straddle under [`assign_cores`] goes to the node that it overfills the least.
///
/// # Errors
///
/// The errors of [`assign_cores`].
pub fn assign_numa(
    topology: &Topology,
    allowed: &CpuSet,
    widths: &[u32],
) -> Result<Vec<CpuSet>, Error> {
    check(topology, allowed, widths)?;
    let nodes = numa_nodes(topology, allowed);
    let mut bins = NumaBins::new(&nodes, widths, First::Emptiest);
    bins.squeeze_unplaced();
    let mut bound = vec![CpuSet::new(); widths.len()];
    for (node, pieces) in nodes.iter().zip(bins.pieces()) {
        for piece in pieces {
            if let Some(cpus) = bound.get_mut(piece.worker) {
                cpus.clone_from(&node.cpus);
            }
        }
    }
    Ok(bound)
}

fn check(topology: &Topology, allowed: &CpuSet, widths: &[u32]) -> Result<(), Error> {
    if let Some(worker) = widths.iter().position(|width| *width == 0) {
        return Err(Error::NoWidth { worker });
    }
    let wanted: u64 = widths.iter().copied().map(u64::from).sum();
    let allowed = allowed.intersection(topology.online());
    if wanted > allowed.len() as u64 {
        return Err(Error::TooFewCpus { wanted, available: allowed.len(), allowed });
    }
    Ok(())
}
