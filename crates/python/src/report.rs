use std::collections::HashMap;

use protoplast_host::{Linux, ProcessReport};
use protoplast_planner as planner;
use protoplast_planner::{MEMORY_VARIABLE, WorkerReport, WorkerState};
use pyo3::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::CoreError;
use crate::gil::{Counters, of_tuple};
use crate::worker::Worker;

/// Makes the report of a worker from within its process, as JSON.
#[pyfunction]
#[pyo3(signature = (planned, node_id, environment, gil = None))]
pub fn worker_report(
    planned: &Worker,
    node_id: String,
    environment: HashMap<String, String>,
    gil: Option<Counters>,
) -> Result<String, CoreError> {
    let process = ProcessReport::read(&Linux)?;
    let limit = environment.get(MEMORY_VARIABLE);
    let report = WorkerReport {
        node_id: Some(node_id),
        memory_limit_bytes: limit.and_then(|limit| limit.parse().ok()),
        differences: planner::differences(&planned.0, &environment, process.cpus_allowed.len()),
        environment: environment.into_iter().collect(),
        gil: gil.map(of_tuple),
        ..WorkerReport::of_planned(&planned.0, WorkerState::Alive)
    };
    // The process's fields replace those of the same names in the worker's report.
    let mut fields: Map<String, Value> = as_json(&report)?;
    fields.extend(as_json(&process)?);
    Ok(Value::Object(fields).to_string())
}

/// Makes the report of a worker that did not answer, as JSON.
#[pyfunction]
pub fn planned_report(planned: &Worker, state: String) -> Result<String, CoreError> {
    let state = WorkerState::try_from(state).map_err(CoreError::Unreadable)?;
    Ok(Value::Object(as_json(&WorkerReport::of_planned(&planned.0, state))?).to_string())
}

/// Formats a table of workers, from a JSON list of their reports.
#[pyfunction]
pub fn worker_table(reports: &str) -> Result<String, CoreError> {
    Ok(planner::worker_table(&read::<Vec<WorkerReport>>(reports)?))
}

/// Draws a status as a page of SVG, from JSON.
#[pyfunction]
pub fn draw_status(py: Python<'_>, status: &str) -> Result<String, CoreError> {
    let status = read(status)?;
    Ok(py.detach(|| planner::status_to_svg(&status)))
}

fn as_json(value: &impl serde::Serialize) -> Result<Map<String, Value>, CoreError> {
    let json = serde_json::to_value(value).and_then(serde_json::from_value);
    json.map_err(|error| CoreError::Unreadable(error.to_string()))
}

fn read<T: DeserializeOwned>(json: &str) -> Result<T, CoreError> {
    serde_json::from_str(json).map_err(|error| CoreError::Unreadable(error.to_string()))
}
