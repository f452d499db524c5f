use protoplast_planner as planner;
use protoplast_planner::WorkerState;
use pyo3::prelude::*;
use pyo3::types::PyAny;

use crate::error::CoreError;
use crate::layout::as_layout;

/// A fleet: its layout, whether it serves the layout in force, and the states of its workers.
type FleetInUse<'py> = (Bound<'py, PyAny>, bool, Vec<String>);

#[pyfunction]
pub fn why_not_in_effect(
    in_force: Option<Bound<'_, PyAny>>,
    fleets: Vec<FleetInUse<'_>>,
) -> Result<Option<String>, CoreError> {
    let in_force = in_force.map(|layout| as_layout(&layout)).transpose()?;
    let in_use = |(layout, serves, workers): FleetInUse<'_>| {
        let states = workers.into_iter().map(WorkerState::try_from);
        let workers = states.collect::<Result<_, _>>().map_err(CoreError::Unreadable)?;
        Ok(planner::FleetInUse { layout: as_layout(&layout)?.0, serves, workers })
    };
    let fleets: Vec<_> = fleets.into_iter().map(in_use).collect::<Result<_, CoreError>>()?;
    Ok(planner::why_not_in_effect(in_force.as_ref().map(|layout| &layout.0), &fleets))
}
