use protoplast_planner::Layout;

use crate::error::Error;
use crate::options::{DoctorOptions, NAME, PlanOptions, StatusOptions};

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
    /// A plan for the nodes of a cluster, under a layout.
    Plan(PlanOptions, Layout),
    /// The workers of a cluster.
    Status(StatusOptions),
    /// A check of this environment, and of a cluster where it has an address, for a layout.
    Doctor(DoctorOptions, Layout),
}

/// What is to be printed, and the exit status.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Output {
    /// For the standard output.
    pub stdout: String,
    /// For the standard error.
    pub stderr: String,
    /// 0 where it went well, 1 where a check has found problems, 2 where the command could not do what
    /// it was asked for.
    pub status: u8,
}

impl Output {
    /// The exit status of a check that has found problems.
    pub(crate) const PROBLEMS: u8 = 1;

    /// The exit status of a command that could not do what it was asked for.
    pub(crate) const FAILED: u8 = 2;

    pub(crate) fn of(stdout: String) -> Self {
        Self { stdout, ..Self::default() }
    }

    /// An error, on one line.
    pub(crate) fn failed(message: &str) -> Self {
        let stderr = format!("{NAME}: {message}\n");
        Self { stdout: String::new(), stderr, status: Self::FAILED }
    }
}

impl From<Error> for Output {
    fn from(error: Error) -> Self {
        Self::failed(&error.to_string())
    }
}
