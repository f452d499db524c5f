use std::fmt;

use crate::error::Error;
use crate::keywords::{EAGER, PROGRESSIVE};
use crate::layout::kind::LayoutKind;

/// When the workers of a node are started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Startup {
    /// All workers start before the first query runs.
    Eager,
    /// The first worker starts before the query runs, the others while it runs.
    Progressive,
}

impl Startup {
    /// The default of a kind: `auto` starts progressively, so that its first query starts as soon as on stock
    /// Daft.
    pub fn of(kind: LayoutKind) -> Self {
        if kind == LayoutKind::Auto { Self::Progressive } else { Self::Eager }
    }

    /// Reads the value of `startup`.
    ///
    /// # Errors
    ///
    /// [`Error::BadStartup`] unless `given` is `eager` or `progressive`.
    pub fn read(given: &str) -> Result<Self, Error> {
        match given {
            EAGER => Ok(Self::Eager),
            PROGRESSIVE => Ok(Self::Progressive),
            _ => Err(Error::BadStartup { given: given.to_owned() }),
        }
    }
}

impl fmt::Display for Startup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Eager => EAGER,
            Self::Progressive => PROGRESSIVE,
        })
    }
}
