use crate::assign::bin_pack::First;
use crate::assign::core_allocator::CoreAllocator;
use crate::assign::numa_bins::NumaBins;
use crate::cpu_set::CpuSet;
use crate::error::Error;
use crate::read::{Topology, numa_nodes};

/// The CPUs of each of a node's workers, which are to have `widths` CPUs: its own, all of them allowed.
///
/// A worker is in one NUMA node where that can be. Where not all fit so, as few as can be straddle,
/// the narrower of them rather than the wider. The fullest node that has room is taken (best fit),
/// widest workers first, so that narrow ones do not break up room for wide ones. Within a node
/// workers have whole cores, with all their allowed SMT siblings, and two workers share a core only
/// where there are too few for each.
///
/// The result depends on the arguments only, and on the widths as a whole: each process of a node
/// that asks gets the same answer.
///
/// # Errors
///
/// [`Error::NoWidth`] for a worker of 0 CPUs, [`Error::TooFewCpus`] where the widths add up to more
/// than the allowed CPUs that are online.
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

/// The allowed CPUs of one NUMA node for each of a node's workers. Workers of one NUMA node share all
/// of them.
///
/// The emptiest node that has room is taken, widest workers first, so that nodes are loaded alike.
/// A worker that would have to straddle under [`assign_cores`] is where it oversteps a node's CPUs
/// the least.
///
/// # Errors
///
/// As [`assign_cores`].
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
