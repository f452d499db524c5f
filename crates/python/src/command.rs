use std::collections::HashMap;
use std::ffi::OsString;

use protoplast_cli::{ClusterCommand as Needed, Outcome, Output, Surroundings};
use pyo3::prelude::*;
use pyo3::types::PyAny;

/// A command that needs a live cluster, as its options were read.
#[pyclass(frozen, get_all, module = "protoplast._core")]
pub struct ClusterCommand {
    name: &'static str,
    address: Option<String>,
}

/// What a command comes to: the standard output, the standard error and the exit status, or what it needs.
#[derive(IntoPyObject)]
pub enum Ran {
    Done((String, String, u8)),
    NeedsCluster(ClusterCommand),
}

#[pyfunction]
pub fn run_command(
    py: Python<'_>,
    arguments: Vec<OsString>,
    environment: HashMap<OsString, OsString>,
    read_stdin: &Bound<'_, PyAny>,
) -> PyResult<Ran> {
    let command = match protoplast_cli::parse(arguments) {
        Ok(command) => command,
        Err(output) => return Ok(output.into()),
    };
    let stdin = if command.reads_stdin() { read_stdin.call0()?.extract()? } else { Vec::new() };
    let surroundings = Surroundings { stdin, environment };
    Ok(match py.detach(|| protoplast_cli::run(command, &surroundings)) {
        Outcome::Done(output) => output.into(),
        Outcome::NeedsCluster(needed) => Ran::NeedsCluster(needed.into()),
    })
}

impl From<Output> for Ran {
    fn from(Output { stdout, stderr, status }: Output) -> Self {
        Self::Done((stdout, stderr, status))
    }
}

impl From<Needed> for ClusterCommand {
    fn from(needed: Needed) -> Self {
        let (name, address) = match needed {
            Needed::Plan(options) => ("plan", options.address),
            Needed::Status(options) => ("status", options.address),
            Needed::Doctor(options) => ("doctor", options.address),
        };
        Self { name, address }
    }
}
