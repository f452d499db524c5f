use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use crate::error::Error;
use crate::limits::MAX_COUNT;
use crate::words::{
    CPUS_PER_WORKER, FIRST, GPUS, MAX_WORKERS, PER_CORE, PER_NODE, SPREAD, WORKERS_PER_NODE,
};

/// What decides how many workers a node gets and how wide they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A worker for each CPU.
    PerCore,
    /// One worker with all that the node has, as Daft starts it itself.
    PerNode,
    /// Workers of this many CPUs; the last one of a node has what is left.
    CpusPerWorker(NonZeroU32),
    /// This many workers, or as many as the node has CPUs, with the CPUs split among them.
    WorkersPerNode(NonZeroU32),
}

/// Which workers of a node have its GPUs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Gpus {
    /// The first worker has them all.
    #[default]
    First,
    /// Each worker has its own, as far as they go.
    Spread,
}

/// How a node is cut into workers.
///
/// The text form is a kind and then options, with commas between: `workers-per-node=8,max-workers=4`.
/// It is read by [`FromStr`] and printed back by [`fmt::Display`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Layout {
    kind: Kind,
    max_workers: Option<NonZeroU32>,
    gpus: Gpus,
}

impl Layout {
    /// A layout of this kind, without options.
    pub fn new(kind: Kind) -> Self {
        Self { kind, max_workers: None, gpus: Gpus::default() }
    }

    /// The same layout with at most this many workers a node.
    ///
    /// The limit takes workers away and does not change what a worker is: of eight CPUs,
    /// `per-core,max-workers=2` uses two, `workers-per-node=8,max-workers=2` uses four for each.
    #[must_use]
    pub fn with_max_workers(self, max_workers: Option<NonZeroU32>) -> Self {
        Self { max_workers, ..self }
    }

    /// The same layout with a node's GPUs given out in this way.
    #[must_use]
    pub fn with_gpus(self, gpus: Gpus) -> Self {
        Self { gpus, ..self }
    }

    /// Reads how GPUs are given out.
    ///
    /// # Errors
    ///
    /// [`Error::BadGpus`] unless it is `first` or `spread`.
    pub fn gpus_from(given: &str) -> Result<Gpus, Error> {
        match given {
            FIRST => Ok(Gpus::First),
            SPREAD => Ok(Gpus::Spread),
            _ => Err(Error::BadGpus { given: given.to_owned() }),
        }
    }

    /// Which workers of a node have its GPUs.
    pub fn gpus(&self) -> Gpus {
        self.gpus
    }

    /// The kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The most workers that a node may have, where that is limited.
    pub fn max_workers(&self) -> Option<NonZeroU32> {
        self.max_workers
    }

    /// Reads a number of CPUs or workers; `name` is the word that an error names.
    ///
    /// # Errors
    ///
    /// [`Error::BadCount`] unless it is a whole number from 1 to [`MAX_COUNT`].
    pub fn count(name: &str, given: &str) -> Result<NonZeroU32, Error> {
        given
            .parse::<NonZeroU32>()
            .ok()
            .filter(|count| count.get() <= MAX_COUNT)
            .ok_or_else(|| Self::bad_count(name, given))
    }

    /// The error of [`Layout::count`], for a value that is not even text.
    pub fn bad_count(name: &str, given: &str) -> Error {
        Error::BadCount { name: name.to_owned(), given: given.to_owned() }
    }
}

impl Default for Layout {
    /// A worker for each CPU.
    fn default() -> Self {
        Self::new(Kind::PerCore)
    }
}

impl FromStr for Layout {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut words = text.split(',').map(split_word);
        let (name, value) = match words.next() {
            None | Some(("", None)) => return Err(Error::EmptyLayout),
            Some(word) => word,
        };
        let mut layout = Self::new(parse_kind(name, value)?);
        let mut seen = Vec::new();
        for (name, value) in words {
            if seen.contains(&name) {
                return Err(Error::RepeatedOption {
                    option: name.to_owned(),
                    text: text.to_owned(),
                });
            }
            seen.push(name);
            let value = value.unwrap_or_default();
            match name {
                MAX_WORKERS => layout.max_workers = Some(Self::count(name, value)?),
                GPUS => layout.gpus = Self::gpus_from(value)?,
                _ => {
                    return Err(Error::UnknownOption {
                        given: name.to_owned(),
                        text: text.to_owned(),
                    });
                }
            }
        }
        Ok(layout)
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::PerCore => f.write_str(PER_CORE)?,
            Kind::PerNode => f.write_str(PER_NODE)?,
            Kind::CpusPerWorker(cpus) => write!(f, "{CPUS_PER_WORKER}={cpus}")?,
            Kind::WorkersPerNode(workers) => write!(f, "{WORKERS_PER_NODE}={workers}")?,
        }
        if let Some(max) = self.max_workers {
            write!(f, ",{MAX_WORKERS}={max}")?;
        }
        match self.gpus {
            Gpus::First => Ok(()),
            Gpus::Spread => write!(f, ",{GPUS}={SPREAD}"),
        }
    }
}

fn split_word(word: &str) -> (&str, Option<&str>) {
    match word.split_once('=') {
        Some((name, value)) => (name.trim(), Some(value.trim())),
        None => (word.trim(), None),
    }
}

fn parse_kind(name: &str, value: Option<&str>) -> Result<Kind, Error> {
    let count = || Layout::count(name, value.unwrap_or_default());
    match (name, value) {
        (PER_CORE, None) => Ok(Kind::PerCore),
        (PER_NODE, None) => Ok(Kind::PerNode),
        (PER_CORE | PER_NODE, Some(given)) => {
            Err(Error::UnexpectedValue { kind: name.to_owned(), given: given.to_owned() })
        }
        (CPUS_PER_WORKER, _) => Ok(Kind::CpusPerWorker(count()?)),
        (WORKERS_PER_NODE, _) => Ok(Kind::WorkersPerNode(count()?)),
        _ => Err(Error::UnknownKind { given: name.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        text.parse::<Layout>().expect_err(text).to_string()
    }

    #[test]
    fn text_is_printed_back() {
        for text in [
            "per-core",
            "per-node",
            "cpus-per-worker=4",
            "workers-per-node=8",
            "per-core,max-workers=3",
            "workers-per-node=65536,max-workers=1",
            "per-core,gpus=spread",
            "cpus-per-worker=2,max-workers=3,gpus=spread",
        ] {
            assert_eq!(text.parse::<Layout>().expect(text).to_string(), text);
        }
    }

    #[test]
    fn spaces_do_not_matter() {
        let layout: Layout = " cpus-per-worker = 4 , max-workers= 2 ".parse().expect("valid");
        assert_eq!(layout.to_string(), "cpus-per-worker=4,max-workers=2");
    }

    #[test]
    fn the_default_is_per_core() {
        assert_eq!(Layout::default().to_string(), "per-core");
    }

    #[test]
    fn errors_name_the_value_and_the_remedy() {
        assert_eq!(
            error("percore"),
            "unknown layout 'percore'; write one of 'per-core', 'per-node', 'cpus-per-worker=K', 'workers-per-node=N'"
        );
        assert_eq!(
            error("cpus-per-worker=0"),
            "'cpus-per-worker' must be a whole number from 1 to 65536, not '0'; write for example 'cpus-per-worker=4'"
        );
        assert_eq!(
            error("per-core=2"),
            "the layout 'per-core' takes no value, but '2' was given; write 'per-core'"
        );
        assert_eq!(
            error("per-core,color=red"),
            "unknown layout option 'color' in 'per-core,color=red'; the options are 'max-workers=M', 'gpus=first', 'gpus=spread'"
        );
        assert!(error("per-core,max-workers=1,max-workers=2").contains("given twice"));
        assert_eq!(
            error("per-core,gpus=all"),
            "'gpus' must be 'first' or 'spread', not 'all'; write for example 'gpus=spread'"
        );
        assert_eq!("per-core,gpus=first".parse(), Ok(Layout::default()));
        assert!(error("").starts_with("the layout is empty"));
        assert!(error("per-core,").contains("unknown layout option ''"));
        for bad in [
            "workers-per-node",
            "workers-per-node=",
            "workers-per-node=-1",
            "workers-per-node=1.5",
            "workers-per-node=65537",
            "workers-per-node=99999999999999999999",
            "per-core,max-workers",
        ] {
            assert!(error(bad).contains("must be a whole number from 1 to 65536"), "{bad}");
        }
    }
}
