use std::fmt;
use std::num::NonZeroU32;

use crate::error::Error;
use crate::keywords::{
    AUTO, CPUS_PER_WORKER, PER_CORE, PER_GPU, PER_NODE, PER_NUMA, WORKERS_PER_NODE,
};
use crate::layout::count::count;

/// What decides how many workers a node gets and how wide they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LayoutKind {
    /// A worker for each CPU.
    PerCore,
    /// Like `PerCore` for a query that this suits, and like `PerNode` for another.
    Auto,
    /// One worker with all that the node has, as Daft starts it itself.
    PerNode,
    /// A worker for each NUMA node, with the CPUs split in proportion to theirs.
    PerNuma,
    /// A worker for each GPU, with the CPUs split among them; one where the node has no GPU.
    PerGpu,
    /// Workers of this many CPUs; the last one of a node has what is left.
    CpusPerWorker(NonZeroU32),
    /// This many workers, or as many as the node has CPUs, with the CPUs split among them.
    WorkersPerNode(NonZeroU32),
}

impl LayoutKind {
    /// Reads the first word of a layout and the value behind it.
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
