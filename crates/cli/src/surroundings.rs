use std::collections::HashMap;
use std::ffi::OsString;

use protoplast_planner::Layout;

use crate::error::Error;
use crate::names::LAYOUT_VARIABLE;

/// What a command may read of its surroundings.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The standard input; empty unless [`Command::reads_stdin`](crate::Command::reads_stdin).
    pub stdin: Vec<u8>,
    /// The environment variables.
    pub environment: HashMap<OsString, OsString>,
}

impl Surroundings {
    /// The layout for a command without one.
    pub(crate) fn layout(&self) -> Result<Layout, Error> {
        match self.environment.get(&OsString::from(LAYOUT_VARIABLE)) {
            None => Ok(Layout::default()),
            Some(text) => text.to_string_lossy().parse().map_err(Error::BadVariable),
        }
    }
}
