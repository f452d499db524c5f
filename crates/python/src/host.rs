use protoplast_host::{
    CgroupLimits, Linux, Pin, Topology, allowed_cpus, has_thread_named, host_memory_bytes,
    numa_nodes as nodes_of,
};
use protoplast_planner::{COMPUTE_THREAD_PREFIX, PinTo};
use pyo3::prelude::*;

use crate::error::CoreError;
use crate::worker::Worker;

/// Whether Daft has computed in this process.
#[pyfunction]
pub fn has_computed() -> Result<bool, CoreError> {
    Ok(has_thread_named(&Linux, COMPUTE_THREAD_PREFIX)?)
}

#[pyfunction]
pub fn files_being_written() -> Result<Vec<String>, CoreError> {
    Ok(protoplast_host::files_being_written(&Linux)?)
}

#[pyfunction]
pub fn numa_nodes() -> Result<Vec<(u32, usize, u64)>, CoreError> {
    let topology = Topology::read(&Linux)?;
    let nodes = nodes_of(&topology, &allowed_cpus(&Linux)?);
    Ok(nodes.into_iter().map(|node| (node.id, node.cpus.len(), node.memory_bytes)).collect())
}

/// The CPU quota of this process's container; the memory of the machine and the memory limit of the container,
/// in bytes.
type Machine = (Option<f64>, u64, Option<u64>);

#[pyfunction]
pub fn machine() -> Result<Machine, CoreError> {
    let limits = CgroupLimits::read(&Linux)?;
    Ok((limits.cpus, host_memory_bytes(&Linux)?, limits.memory_bytes))
}

/// The memory that can still be taken, and all of it, in bytes.
#[pyfunction]
pub fn available_memory() -> Result<(u64, u64), CoreError> {
    let memory = protoplast_host::available_memory(&Linux)?;
    Ok((memory.available_bytes, memory.total_bytes))
}

/// Whether an instance of so many bytes has room on this node.
#[pyfunction]
#[pyo3(signature = (bytes_needed, /))]
pub fn has_room(bytes_needed: u64) -> Result<bool, CoreError> {
    let memory = protoplast_host::available_memory(&Linux)?;
    Ok(protoplast_planner::has_room(bytes_needed, memory.available_bytes, memory.total_bytes))
}

/// The memory of this process and its peak, in bytes. The kernel walks all pages of the process for it, so other
/// threads run meanwhile.
#[pyfunction]
pub fn memory_use(py: Python<'_>) -> Result<(u64, u64), CoreError> {
    let memory = py.detach(|| protoplast_host::memory_use(&Linux))?;
    Ok((memory.own_bytes, memory.peak_bytes))
}

#[pyfunction]
pub fn reset_peak_memory() -> bool {
    protoplast_host::reset_peak(&Linux)
}

#[pyfunction]
pub fn most_workers() -> Result<u32, CoreError> {
    Ok(protoplast_planner::workers_within(protoplast_host::threads_allowed(&Linux)?))
}

/// Pins the process of a worker, from within it; returns None if the worker is not to be pinned.
#[pyfunction]
pub fn pin_worker(worker: &Worker) -> Result<Option<String>, CoreError> {
    let worker = &worker.0;
    let Some(pin) = worker.pin() else { return Ok(None) };
    let to = match pin.to {
        PinTo::Core => Pin::Core,
        PinTo::Numa => Pin::Numa,
    };
    let cpus = protoplast_host::pin_worker(&Linux, to, &worker.widths, worker.index as usize)?;
    Ok(Some(cpus.to_string()))
}

#[pyfunction]
pub fn parent_variable(name: &str) -> Result<Option<String>, CoreError> {
    Ok(protoplast_host::parent_variable(&Linux, name)?)
}
