use protoplast_host::{
    CgroupLimits, Linux, Pin, Topology, allowed_cpus, has_thread_named, host_memory_bytes,
    numa_nodes as nodes_of,
};
use protoplast_planner::COMPUTE_THREAD_PREFIX;
use pyo3::prelude::*;
use pyo3::types::PyType;

use crate::error::CoreError;

/// What a process has, read from the system.
#[pyclass(frozen, get_all, module = "protoplast._core")]
#[derive(Clone)]
pub struct ProcessReport {
    pid: u32,
    rss_bytes: u64,
    pss_bytes: Option<u64>,
    threads: u32,
    cpus: String,
}

#[pymethods]
impl ProcessReport {
    #[new]
    fn new(pid: u32, rss_bytes: u64, pss_bytes: Option<u64>, threads: u32, cpus: String) -> Self {
        Self { pid, rss_bytes, pss_bytes, threads, cpus }
    }

    /// A worker sends it to the driver.
    fn __reduce__<'py>(&self, py: Python<'py>) -> (Bound<'py, PyType>, ReportFields) {
        let Self { pid, rss_bytes, pss_bytes, threads, cpus } = self.clone();
        (py.get_type::<Self>(), (pid, rss_bytes, pss_bytes, threads, cpus))
    }
}

/// What [`ProcessReport::new`] takes.
type ReportFields = (u32, u64, Option<u64>, u32, String);

#[pyfunction]
pub fn process_report() -> Result<ProcessReport, CoreError> {
    let report = protoplast_host::ProcessReport::read(&Linux)?;
    Ok(ProcessReport {
        pid: report.pid,
        rss_bytes: report.rss_bytes,
        pss_bytes: report.pss_bytes,
        threads: report.threads,
        cpus: report.cpus.to_string(),
    })
}

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

/// The CPUs that the container of this process lets it have; the memory of the machine and that of the
/// container, in bytes.
type Machine = (Option<f64>, u64, Option<u64>);

#[pyfunction]
pub fn machine() -> Result<Machine, CoreError> {
    let limits = CgroupLimits::read(&Linux)?;
    Ok((limits.cpus, host_memory_bytes(&Linux)?, limits.memory_bytes))
}

#[pyfunction]
pub fn most_workers() -> Result<u32, CoreError> {
    Ok(protoplast_planner::workers_within(protoplast_host::threads_allowed(&Linux)?))
}

#[pyfunction]
pub fn pin_worker(to_numa: bool, widths: Vec<u32>, index: usize) -> Result<String, CoreError> {
    let to = if to_numa { Pin::Numa } else { Pin::Core };
    Ok(protoplast_host::pin_worker(&Linux, to, &widths, index)?.to_string())
}

#[pyfunction]
pub fn parent_variable(name: &str) -> Result<Option<String>, CoreError> {
    Ok(protoplast_host::parent_variable(&Linux, name)?)
}
