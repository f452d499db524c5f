use protoplast_planner as planner;
use pyo3::prelude::*;
use pyo3::types::PyAny;

use crate::error::CoreError;
use crate::layout::as_layout;

/// What `protoplast.Status` has that is drawn, and so on down to its workers.
#[derive(FromPyObject)]
pub struct Status<'py> {
    in_effect: bool,
    reason: String,
    fleets: Vec<Fleet<'py>>,
}

#[derive(FromPyObject)]
pub struct Fleet<'py> {
    name: String,
    layout: Bound<'py, PyAny>,
    workers: Vec<Worker<'py>>,
}

#[derive(FromPyObject)]
pub struct Worker<'py> {
    worker_id: String,
    node_id: String,
    pid: Option<u32>,
    cpus: u32,
    gpus: u32,
    memory_bytes: u64,
    state: Bound<'py, PyAny>,
    memory_limit_bytes: Option<u64>,
    rss_bytes: Option<u64>,
    threads: Option<u32>,
    cpus_allowed: Option<String>,
    differences: Vec<String>,
}

/// Draws a status as a page of SVG.
#[pyfunction]
pub fn draw_status(py: Python<'_>, status: Status<'_>) -> Result<String, CoreError> {
    let fleets = status.fleets.into_iter().map(fleet).collect::<Result<_, _>>()?;
    let not_in_effect = (!status.in_effect).then_some(status.reason);
    let status = planner::Status { not_in_effect, fleets };
    Ok(py.detach(|| planner::status_to_svg(&status)))
}

fn fleet(Fleet { name, layout, workers }: Fleet<'_>) -> Result<planner::FleetReport, CoreError> {
    let workers = workers.into_iter().map(worker).collect::<Result<_, _>>()?;
    Ok(planner::FleetReport { name, layout: as_layout(&layout)?.0, workers })
}

fn worker(given: Worker<'_>) -> Result<planner::WorkerReport, CoreError> {
    Ok(planner::WorkerReport {
        state: state(&given.state)?,
        worker_id: given.worker_id,
        node_id: given.node_id,
        pid: given.pid,
        cpus: given.cpus,
        gpus: given.gpus,
        memory_bytes: given.memory_bytes,
        memory_limit_bytes: given.memory_limit_bytes,
        rss_bytes: given.rss_bytes,
        threads: given.threads,
        cpus_allowed: given.cpus_allowed,
        differences: given.differences,
    })
}

fn state(given: &Bound<'_, PyAny>) -> Result<planner::WorkerState, CoreError> {
    let wrong =
        || CoreError::wrong_type("the state of a worker", planner::WorkerState::WORDS, given);
    let word: String = given.extract().map_err(|_| wrong())?;
    planner::WorkerState::of_word(&word).ok_or_else(wrong)
}

/// A fleet: its layout, whether it serves the layout in force, and the states of its workers.
type FleetInUse<'py> = (Bound<'py, PyAny>, bool, Vec<Bound<'py, PyAny>>);

#[pyfunction]
pub fn why_not_in_effect(
    in_force: Option<Bound<'_, PyAny>>,
    fleets: Vec<FleetInUse<'_>>,
) -> Result<Option<String>, CoreError> {
    let in_force = in_force.map(|layout| as_layout(&layout)).transpose()?;
    let in_use = |(layout, serves, workers): FleetInUse<'_>| {
        let workers = workers.iter().map(state).collect::<Result<_, _>>()?;
        Ok(planner::FleetInUse { layout: as_layout(&layout)?.0, serves, workers })
    };
    let fleets: Vec<_> = fleets.into_iter().map(in_use).collect::<Result<_, CoreError>>()?;
    Ok(planner::why_not_in_effect(in_force.as_ref().map(|layout| &layout.0), &fleets))
}
