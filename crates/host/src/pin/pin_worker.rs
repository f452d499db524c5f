use crate::assign::{assign_cores, assign_numa};
use crate::cpu_set::CpuSet;
use crate::error::Error;
use crate::pin::pin_threads::pin;
use crate::read::{Topology, allowed_cpus};
use crate::system::System;

/// What a worker is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pin {
    /// CPUs of its own.
    Core,
    /// The CPUs of one NUMA node, with the other workers there.
    Numa,
}

/// Binds this process, one of the workers of a node, to its CPUs; returns them.
///
/// Each worker works out the same assignment by itself, so all of a node have to ask with the same
/// `widths` and before any of them is bound to less than its node's process is.
///
/// # Errors
///
/// [`Error::TooFewCpus`] where the workers have more CPUs than this process is allowed, and what
/// [`pin`] fails with. Nothing is changed then.
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
