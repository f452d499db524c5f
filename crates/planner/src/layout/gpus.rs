use std::fmt;

use crate::error::Error;
use crate::keywords::{FIRST, SPREAD};

/// Which workers of a node get its GPUs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Gpus {
    /// The first worker gets all of them.
    #[default]
    First,
    /// The GPUs are spread over the workers, as far as they go.
    Spread,
}

impl Gpus {
    /// Reads the value of `gpus`.
    ///
    /// # Errors
    ///
    /// [`Error::BadGpus`] unless `given` is `first` or `spread`.
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
