use std::collections::HashMap;
use std::ffi::OsString;

use protoplast_cli::{ClusterCommand as Needed, Outcome, Output, Surroundings};
use pyo3::prelude::*;
use pyo3::types::PyAny;

use crate::layout::Layout;

/// A command that needs a live cluster, with its options.
#[pyclass(frozen, module = "protoplast._core")]
pub struct ClusterCommand(Needed);

#[pymethods]
impl ClusterCommand {
    #[getter]
    fn name(&self) -> &'static str {
        match self.0 {
            Needed::Plan(..) => "plan",
            Needed::Status(_) => "status",
            Needed::Doctor(..) => "doctor",
        }
    }

    #[getter]
    fn address(&self) -> Option<&str> {
        match &self.0 {
            Needed::Plan(options, _) => options.address.as_deref(),
            Needed::Status(options) => options.address.as_deref(),
            Needed::Doctor(options, _) => options.address.as_deref(),
        }
    }

    #[getter]
    fn watch(&self) -> bool {
        matches!(&self.0, Needed::Status(options) if options.watch)
    }

    #[getter]
    fn layout(&self) -> Option<Layout> {
        self.0.layout().cloned().map(Layout)
    }

    fn answer(&self, py: Python<'_>, gathered: &str) -> Printed {
        printed(py.detach(|| self.0.answer(gathered)))
    }
}

/// What to print to the standard output and the standard error, and the exit status.
type Printed = (String, String, u8);

/// The outcome of a command: what to print and the exit status, or the command that needs a cluster.
#[derive(IntoPyObject)]
pub enum CommandOutcome {
    Done(Printed),
    NeedsCluster(ClusterCommand),
}

#[pyfunction]
pub fn run_command(
    py: Python<'_>,
    arguments: Vec<OsString>,
    environment: HashMap<OsString, OsString>,
    read_stdin: &Bound<'_, PyAny>,
) -> PyResult<CommandOutcome> {
    let command = match protoplast_cli::parse(arguments) {
        Ok(command) => command,
        Err(output) => return Ok(CommandOutcome::Done(printed(output))),
    };
    let stdin = if command.reads_stdin() { read_stdin.call0()?.extract()? } else { Vec::new() };
    let surroundings = Surroundings { stdin, environment };
    Ok(match py.detach(|| protoplast_cli::run(command, &surroundings)) {
        Outcome::Done(output) => CommandOutcome::Done(printed(output)),
        Outcome::NeedsCluster(needed) => CommandOutcome::NeedsCluster(ClusterCommand(needed)),
    })
}

fn printed(Output { stdout, stderr, status }: Output) -> Printed {
    (stdout, stderr, status)
}
