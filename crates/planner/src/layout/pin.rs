use std::fmt;

use crate::error::Error;
use crate::keywords::{CORE, NUMA};

/// To what a worker's threads are pinned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PinTo {
    /// To cores of its own.
    Core,
    /// To the CPUs of a NUMA node.
    Numa,
}

impl PinTo {
    /// Reads to what workers are pinned.
    ///
    /// # Errors
    ///
    /// [`Error::BadPin`] unless it is `core` or `numa`.
    pub fn read(given: &str) -> Result<Self, Error> {
        match given {
            CORE => Ok(Self::Core),
            NUMA => Ok(Self::Numa),
            _ => Err(Error::BadPin { given: given.to_owned() }),
        }
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Core => CORE,
            Self::Numa => NUMA,
        }
    }
}

impl fmt::Display for PinTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// How workers are pinned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pin {
    /// To what.
    pub to: PinTo,
    /// Whether a worker runs unpinned where its node cannot pin it; otherwise that is an error.
    pub fallback: bool,
}

impl Pin {
    /// A way of pinning from its two options.
    ///
    /// # Errors
    ///
    /// [`Error::FallbackWithoutPin`] for a fallback from nothing.
    pub fn of(to: Option<PinTo>, fallback: bool) -> Result<Option<Self>, Error> {
        if to.is_none() && fallback {
            return Err(Error::FallbackWithoutPin);
        }
        Ok(to.map(|to| Self { to, fallback }))
    }
}
