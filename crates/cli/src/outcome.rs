use crate::error::Error;
use crate::options::{DoctorOptions, NAME, PlanOptions, StatusOptions};

/// The exit status of a command that could not do what it was asked for.
const FAILED: u8 = 2;

/// What a command comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It is done, and this is to be printed.
    Done(Output),
    /// It needs a live cluster.
    NeedsCluster(ClusterCommand),
}

/// A command that needs a live cluster, with what it asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum ClusterCommand {
    /// A plan for the nodes of a cluster.
    Plan(PlanOptions),
    /// The workers of a cluster.
    Status(StatusOptions),
    /// A check of this environment, and of a cluster where it has an address.
    Doctor(DoctorOptions),
}

/// What is to be printed, and the exit status.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Output {
    /// For the standard output.
    pub stdout: String,
    /// For the standard error.
    pub stderr: String,
    /// 0 where it went well, 2 where the command could not do what it was asked for.
    pub status: u8,
}

impl Output {
    pub(crate) fn of(stdout: String) -> Self {
        Self { stdout, ..Self::default() }
    }

    /// An error, on one line.
    pub(crate) fn failed(message: &str) -> Self {
        let stderr = format!("{NAME}: {message}\n");
        Self { stdout: String::new(), stderr, status: FAILED }
    }
}

impl From<Error> for Output {
    fn from(error: Error) -> Self {
        Self::failed(&error.to_string())
    }
}
