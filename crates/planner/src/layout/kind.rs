use std::fmt;
use std::num::NonZeroU32;

use crate::error::Error;
use crate::keywords::{
    AUTO, CPUS_PER_WORKER, PER_CORE, PER_GPU, PER_NODE, PER_NUMA, WORKERS_PER_NODE,
};
use crate::limits::MAX_COUNT;

/// Reads a number of CPUs, workers or threads; `name` is the keyword that an error names.
///
/// # Errors
///
/// [`Error::BadCount`] unless `given` is a whole number from 1 to [`MAX_COUNT`].
pub(crate) fn count(name: &str, given: &str) -> Result<NonZeroU32, Error> {
    given
        .parse::<NonZeroU32>()
        .ok()
        .filter(|count| count.get() <= MAX_COUNT)
        .ok_or_else(|| Error::BadCount { name: name.to_owned(), given: given.to_owned() })
}

/// The kind of a layout: how many workers a node gets and how many CPUs each has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LayoutKind {
    /// A worker for each CPU.
    PerCore,
    /// `PerCore` for a query that runs Python code, `PerNode` for any other.
    Auto,
    /// One worker with all that the node has, as Daft itself starts it.
    PerNode,
    /// A worker for each NUMA node, with the CPUs split in proportion to the CPUs of the NUMA nodes.
    PerNuma,
    /// A worker for each GPU, with the CPUs split among the workers; one worker if the node has no GPU.
    PerGpu,
    /// Workers of this many CPUs; the last worker of a node gets what is left.
    CpusPerWorker(NonZeroU32),
    /// This many workers, or as many as the node has CPUs, with the CPUs split among the workers.
    WorkersPerNode(NonZeroU32),
}

impl LayoutKind {
    /// Reads the first keyword of a layout and the value behind it.
    pub(crate) fn read(name: &str, value: Option<&str>) -> Result<Self, Error> {
        let count = || count(name, value.unwrap_or_default());
        match name {
            CPUS_PER_WORKER => return Ok(Self::CpusPerWorker(count()?)),
            WORKERS_PER_NODE => return Ok(Self::WorkersPerNode(count()?)),
            _ => {}
        }
        let kind = match name {
            AUTO => Self::Auto,
            PER_CORE => Self::PerCore,
            PER_NODE => Self::PerNode,
            PER_NUMA => Self::PerNuma,
            PER_GPU => Self::PerGpu,
            _ => return Err(Error::UnknownKind { given: name.to_owned() }),
        };
        match value {
            None => Ok(kind),
            Some(given) => {
                Err(Error::UnexpectedValue { kind: name.to_owned(), given: given.to_owned() })
            }
        }
    }
}

impl fmt::Display for LayoutKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str(AUTO),
            Self::PerCore => f.write_str(PER_CORE),
            Self::PerNode => f.write_str(PER_NODE),
            Self::PerNuma => f.write_str(PER_NUMA),
            Self::PerGpu => f.write_str(PER_GPU),
            Self::CpusPerWorker(cpus) => write!(f, "{CPUS_PER_WORKER}={cpus}"),
            Self::WorkersPerNode(workers) => write!(f, "{WORKERS_PER_NODE}={workers}"),
        }
    }
}
