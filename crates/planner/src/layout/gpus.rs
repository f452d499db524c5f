use std::fmt;

use crate::error::Error;
use crate::keywords::{FIRST, SPREAD};

/// Which workers of a node have its GPUs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Gpus {
    /// The first worker has them all.
    #[default]
    First,
    /// Each worker has its own, as far as they go.
    Spread,
}

impl Gpus {
    /// Reads how GPUs are given out.
    ///
    /// # Errors
    ///
    /// [`Error::BadGpus`] unless it is `first` or `spread`.
    pub fn read(given: &str) -> Result<Self, Error> {
        match given {
            FIRST => Ok(Self::First),
            SPREAD => Ok(Self::Spread),
            _ => Err(Error::BadGpus { given: given.to_owned() }),
        }
    }
}

impl fmt::Display for Gpus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::First => FIRST,
            Self::Spread => SPREAD,
        })
    }
}
