use std::fmt;

use crate::error::Error;
use crate::keywords::{EAGER, PROGRESSIVE};
use crate::layout::kind::LayoutKind;

/// When the workers of a node are started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Startup {
    /// All of them before the first query runs.
    Eager,
    /// The first one before, the others beside it.
    Progressive,
}

impl Startup {
    /// How workers of a kind start where nothing else is said: those of `auto` as soon as on stock.
    pub fn of(kind: LayoutKind) -> Self {
        if kind == LayoutKind::Auto { Self::Progressive } else { Self::Eager }
    }

    /// Reads when workers are started.
    ///
    /// # Errors
    ///
    /// [`Error::BadStartup`] unless it is `eager` or `progressive`.
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
