use crate::assign::{assign_cores, assign_numa};
use crate::cpu_set::CpuSet;
use crate::error::Error;
use crate::pin::pin_threads::pin;
use crate::read::{Topology, allowed_cpus};
use crate::system::System;

/// What a worker is pinned to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pin {
    /// CPUs of its own.
    Core,
    /// The CPUs of one NUMA node, shared with other workers of that NUMA node.
    Numa,
}

/// Pins this process, which is one of the workers of a node, and returns its CPUs.
///
/// Each worker computes the same assignment by itself. So all workers of a node must pass the same `widths`,
/// and none may yet be pinned to fewer CPUs than the node's process.
///
/// # Errors
///
/// [`Error::TooFewCpus`] if the workers need more CPUs than this process is allowed, [`Error::NoSuchWorker`] if
/// `index` is too large, and the errors of [`pin`]. After an error nothing is changed.
pub fn pin_worker(
    system: &dyn System,
    to: Pin,
    widths: &[u32],
    index: usize,
) -> Result<CpuSet, Error> {
    let topology = Topology::read(system)?;
    let allowed = allowed_cpus(system)?;
    let sets = match to {
        Pin::Core => assign_cores(&topology, &allowed, widths)?,
        Pin::Numa => assign_numa(&topology, &allowed, widths)?,
    };
    let cpus =
        sets.into_iter().nth(index).ok_or(Error::NoSuchWorker { index, workers: widths.len() })?;
    pin(system, &cpus)?;
    Ok(cpus)
}
