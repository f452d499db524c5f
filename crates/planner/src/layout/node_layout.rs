use std::num::NonZeroU32;

use crate::layout::gpus::Gpus;
use crate::layout::kind::LayoutKind;
use crate::layout::memory_fraction::MemoryFraction;
use crate::layout::pin::Pin;
use crate::layout::startup::Startup;

/// How one node is cut into workers: a kind and its options.
///
/// The text form is the kind and then the options, with commas between: `workers-per-node=8,memory=0.9`.
/// It is read by [`std::str::FromStr`] and printed back by [`std::fmt::Display`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NodeLayout {
    kind: LayoutKind,
    max_workers: Option<NonZeroU32>,
    gpus: Gpus,
    memory: MemoryFraction,
    threads: Option<NonZeroU32>,
    pin: Option<Pin>,
    startup: Startup,
    split: bool,
}

impl NodeLayout {
    /// A cut of this kind, without options.
    pub fn new(kind: LayoutKind) -> Self {
        Self {
            kind,
            max_workers: None,
            gpus: gpus_of(kind, Gpus::default()),
            memory: MemoryFraction::WHOLE,
            threads: None,
            pin: None,
            startup: Startup::of(kind),
            split: true,
        }
    }

    /// The same options with another kind.
    #[must_use]
    pub fn with_kind(self, kind: LayoutKind) -> Self {
        let startup = startup_of(kind, self.startup);
        let split = split_of(kind, self.split);
        Self { kind, gpus: gpus_of(kind, self.gpus), startup, split, ..self }
    }

    /// The same cut with at most this many workers a node.
    ///
    /// The limit takes workers away and does not change what a worker is: of eight CPUs,
    /// `per-core,max-workers=2` uses two, `workers-per-node=8,max-workers=2` uses four for each.
    #[must_use]
    pub fn with_max_workers(self, max_workers: Option<NonZeroU32>) -> Self {
        Self { max_workers, ..self }
    }

    /// The same cut with a node's GPUs given out in this way; `per-gpu` always spreads them.
    #[must_use]
    pub fn with_gpus(self, gpus: Gpus) -> Self {
        Self { gpus: gpus_of(self.kind, gpus), ..self }
    }

    /// The same cut with this part of a node's memory given out.
    #[must_use]
    pub fn with_memory(self, memory: MemoryFraction) -> Self {
        Self { memory, ..self }
    }

    /// The same cut with this many compute threads a worker.
    #[must_use]
    pub fn with_threads(self, threads: Option<NonZeroU32>) -> Self {
        Self { threads, ..self }
    }

    /// The same cut with workers pinned in this way.
    #[must_use]
    pub fn with_pin(self, pin: Option<Pin>) -> Self {
        Self { pin, ..self }
    }

    /// The same cut with workers started in this way. The one worker of a whole node is started at once.
    #[must_use]
    pub fn with_startup(self, startup: Startup) -> Self {
        Self { startup: startup_of(self.kind, startup), ..self }
    }

    /// The same cut with the scans of its queries split and merged, or not. Those that run on whole nodes are as
    /// Daft makes them in any case.
    #[must_use]
    pub fn with_split(self, split: bool) -> Self {
        Self { split: split_of(self.kind, split), ..self }
    }

    /// The kind.
    pub fn kind(&self) -> LayoutKind {
        self.kind
    }

    /// The most workers that a node may have, where that is limited.
    pub fn max_workers(&self) -> Option<NonZeroU32> {
        self.max_workers
    }

    /// Which workers of a node have its GPUs.
    pub fn gpus(&self) -> Gpus {
        self.gpus
    }

    /// The part of a node's memory that is given out.
    pub fn memory(&self) -> MemoryFraction {
        self.memory
    }

    /// The compute threads of a worker, where they are not its CPUs.
    pub fn threads(&self) -> Option<NonZeroU32> {
        self.threads
    }

    /// How workers are pinned, where they are.
    pub fn pin(&self) -> Option<Pin> {
        self.pin
    }

    /// When workers are started.
    pub fn startup(&self) -> Startup {
        self.startup
    }

    /// Whether the scans of queries may be split and merged for its workers.
    pub fn splits(&self) -> bool {
        self.split
    }

    /// Whether each worker computes with one thread, on nodes of any size.
    pub fn has_one_thread_each(&self) -> bool {
        let one = NonZeroU32::MIN;
        let has_one_cpu = match self.kind {
            LayoutKind::PerCore => true,
            LayoutKind::CpusPerWorker(width) => width == one,
            _ => false,
        };
        has_one_cpu && self.threads.is_none_or(|threads| threads == one)
    }

    /// Whether one worker has the whole node, and so the node's own id.
    pub fn is_whole_node(&self) -> bool {
        self.kind == LayoutKind::PerNode
    }

    /// Whether the worker is as Daft starts it itself: a whole node's, with all its memory and with
    /// Daft's own number of threads.
    pub fn is_stock(&self) -> bool {
        self.is_whole_node() && self.memory == MemoryFraction::WHOLE && self.threads.is_none()
    }
}

impl Default for NodeLayout {
    /// A worker for each CPU.
    fn default() -> Self {
        Self::new(LayoutKind::PerCore)
    }
}

fn startup_of(kind: LayoutKind, startup: Startup) -> Startup {
    if kind == LayoutKind::PerNode { Startup::Eager } else { startup }
}

fn gpus_of(kind: LayoutKind, gpus: Gpus) -> Gpus {
    if kind == LayoutKind::PerGpu { Gpus::Spread } else { gpus }
}

fn split_of(kind: LayoutKind, split: bool) -> bool {
    split || kind == LayoutKind::PerNode
}
