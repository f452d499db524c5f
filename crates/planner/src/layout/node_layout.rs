use std::num::NonZeroU32;

use crate::layout::class_names::ClassNames;
use crate::layout::gpus::Gpus;
use crate::layout::keep_time::KeepTime;
use crate::layout::kind::LayoutKind;
use crate::layout::memory_fraction::MemoryFraction;
use crate::layout::one_worker::OneWorker;
use crate::layout::pin::Pin;
use crate::layout::startup::Startup;

/// How one node is divided into workers: a kind and its options.
///
/// The text form is the kind and then the options, separated by commas: `workers-per-node=8,memory=0.9`.
/// [`std::str::FromStr`] reads it and [`std::fmt::Display`] writes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NodeLayout {
    kind: LayoutKind,
    max_workers: Option<NonZeroU32>,
    gpus: Gpus,
    memory: MemoryFraction,
    threads: Option<NonZeroU32>,
    pin: Option<Pin>,
    startup: Startup,
    split: bool,
    keep: Option<KeepTime>,
    one_copy: Option<ClassNames>,
    one_worker: OneWorker,
}

impl NodeLayout {
    /// A layout of this kind, without options.
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
            keep: None,
            one_copy: None,
            one_worker: OneWorker::of(kind),
        }
    }

    /// The same options with another kind.
    #[must_use]
    pub fn with_kind(self, kind: LayoutKind) -> Self {
        let startup = startup_of(kind, self.startup);
        let split = split_of(kind, self.split);
        let one_copy = one_copy_of(kind, self.one_copy);
        let one_worker = self.one_worker.with_kind(self.kind, kind);
        Self { kind, gpus: gpus_of(kind, self.gpus), startup, split, one_copy, one_worker, ..self }
    }

    /// The same layout with at most this many workers per node.
    ///
    /// The limit leaves workers out and does not change what a worker is: of eight CPUs,
    /// `per-core,max-workers=2` uses two, `workers-per-node=8,max-workers=2` uses four for each.
    #[must_use]
    pub fn with_max_workers(self, max_workers: Option<NonZeroU32>) -> Self {
        Self { max_workers, ..self }
    }

    /// The same layout with a node's GPUs assigned in this way; `per-gpu` always spreads them.
    #[must_use]
    pub fn with_gpus(self, gpus: Gpus) -> Self {
        Self { gpus: gpus_of(self.kind, gpus), ..self }
    }

    /// The same layout with this fraction of a node's memory for workers.
    #[must_use]
    pub fn with_memory(self, memory: MemoryFraction) -> Self {
        Self { memory, ..self }
    }

    /// The same layout with this many compute threads per worker.
    #[must_use]
    pub fn with_threads(self, threads: Option<NonZeroU32>) -> Self {
        Self { threads, ..self }
    }

    /// The same layout with workers pinned in this way.
    #[must_use]
    pub fn with_pin(self, pin: Option<Pin>) -> Self {
        Self { pin, ..self }
    }

    /// The same layout with workers started in this way. The one worker of a whole node always starts eagerly.
    #[must_use]
    pub fn with_startup(self, startup: Startup) -> Self {
        Self { startup: startup_of(self.kind, startup), ..self }
    }

    /// The same layout, in which the scans of queries are split and merged or not. Under `per-node` this option
    /// has no effect.
    #[must_use]
    pub fn with_split(self, split: bool) -> Self {
        Self { split: split_of(self.kind, split), ..self }
    }

    /// The same layout, whose workers keep the instances of class UDFs for this long after a query; None if
    /// they keep none.
    #[must_use]
    pub fn with_keep(self, keep: Option<KeepTime>) -> Self {
        Self { keep, ..self }
    }

    /// The same layout, under which code of class UDFs of these names runs in one copy per node. Only `auto` has
    /// this option.
    #[must_use]
    pub fn with_one_copy(self, names: Option<ClassNames>) -> Self {
        Self { one_copy: one_copy_of(self.kind, names), ..self }
    }

    /// The same layout, under which a query of this size runs as one task on one worker. Only `auto` and
    /// `per-node` have this option.
    #[must_use]
    pub fn with_one_worker(self, one_worker: OneWorker) -> Self {
        Self { one_worker: one_worker.allowed(self.kind), ..self }
    }

    /// The kind.
    pub fn kind(&self) -> LayoutKind {
        self.kind
    }

    /// The most workers of a node, if they are limited.
    pub fn max_workers(&self) -> Option<NonZeroU32> {
        self.max_workers
    }

    /// Which workers of a node get its GPUs.
    pub fn gpus(&self) -> Gpus {
        self.gpus
    }

    /// The fraction of a node's memory that workers get.
    pub fn memory(&self) -> MemoryFraction {
        self.memory
    }

    /// The compute threads of a worker, if they differ from its CPUs.
    pub fn threads(&self) -> Option<NonZeroU32> {
        self.threads
    }

    /// How workers are pinned, if they are.
    pub fn pin(&self) -> Option<Pin> {
        self.pin
    }

    /// When workers are started.
    pub fn startup(&self) -> Startup {
        self.startup
    }

    /// Whether the scans of queries may be split and merged.
    pub fn splits(&self) -> bool {
        self.split
    }

    /// How long workers keep the instances of class UDFs after a query, if they keep any.
    pub fn keep(&self) -> Option<KeepTime> {
        self.keep
    }

    /// The class UDFs whose code runs in one copy per node, if any are named.
    pub fn one_copy(&self) -> Option<&ClassNames> {
        self.one_copy.as_ref()
    }

    /// Which queries run as one task on one worker.
    pub fn one_worker(&self) -> OneWorker {
        self.one_worker
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

    /// Whether one worker has the whole node, and so the node's id.
    pub fn is_whole_node(&self) -> bool {
        self.kind == LayoutKind::PerNode
    }

    /// Whether the worker is the one that Daft itself starts: it has a whole node, all its memory and Daft's
    /// own number of threads.
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

fn one_copy_of(kind: LayoutKind, names: Option<ClassNames>) -> Option<ClassNames> {
    names.filter(|_| kind == LayoutKind::Auto)
}
