use crate::error::Error;
use crate::names::NAME;

/// What to print, and the exit status.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Output {
    /// For the standard output.
    pub stdout: String,
    /// For the standard error.
    pub stderr: String,
    /// 0 if the command succeeded, 1 if a check has found problems, 2 if the command failed.
    pub status: u8,
}

impl Output {
    /// The exit status of a check that has found problems.
    pub(crate) const PROBLEMS: u8 = 1;

    /// The exit status of a command that failed.
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
