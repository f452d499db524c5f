use std::fmt;

use crate::error::Error;
use crate::keywords::{CORE, NUMA};

/// What a worker's threads are pinned to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PinTo {
    /// The worker's own cores.
    Core,
    /// The CPUs of one NUMA node.
    Numa,
}

impl PinTo {
    /// Reads the value of `pin`.
    ///
    /// # Errors
    ///
    /// [`Error::BadPin`] unless `given` is `core` or `numa`.
    pub fn read(given: &str) -> Result<Self, Error> {
        match given {
            CORE => Ok(Self::Core),
            NUMA => Ok(Self::Numa),
            _ => Err(Error::BadPin { given: given.to_owned() }),
        }
    }

    /// The keyword.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Core => CORE,
            Self::Numa => NUMA,
        }
    }
}

impl fmt::Display for PinTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.keyword())
    }
}

/// How workers are pinned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pin {
    /// What the threads are pinned to.
    pub to: PinTo,
    /// Whether a worker runs unpinned if its node cannot pin it; otherwise that is an error.
    pub fallback: bool,
}

impl Pin {
    /// Combines the two options.
    ///
    /// # Errors
    ///
    /// [`Error::FallbackWithoutPin`] if there is a fallback, but no pinning.
    pub fn of(to: Option<PinTo>, fallback: bool) -> Result<Option<Self>, Error> {
        if to.is_none() && fallback {
            return Err(Error::FallbackWithoutPin);
        }
        Ok(to.map(|to| Self { to, fallback }))
    }
}
