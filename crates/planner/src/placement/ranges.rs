use crate::cluster::node::Node;
use crate::cluster::numa::split;
use crate::error::Error;
use crate::layout::gpus::Gpus;
use crate::layout::kind::LayoutKind;
use crate::layout::node_layout::NodeLayout;

/// The CPUs or GPUs of one node, divided into a range of neighbours for each worker.
pub(crate) struct Ranges {
    workers: u32,
    width: u32,
    /// How many workers, from the first on, have one unit more than `width`.
    wider: u32,
    /// Where the last range ends.
    end: u32,
    /// Under `per-numa`, instead of `width` and `wider`: the number of each worker's NUMA node and the start of
    /// its range.
    numa: Vec<(u32, u32)>,
}

impl Ranges {
    /// The CPUs of a node.
    pub(crate) fn of_cpus(node: &Node, node_layout: &NodeLayout) -> Result<Self, Error> {
        let cpus = node.cpus();
        let capped =
            |workers: u32| node_layout.max_workers().map_or(workers, |max| workers.min(max.get()));
        Ok(match node_layout.kind() {
            LayoutKind::PerCore | LayoutKind::Auto => Self::of_width(capped(cpus), 1, cpus),
            LayoutKind::CpusPerWorker(width) => {
                Self::of_width(capped(cpus.div_ceil(width.get())), width.get(), cpus)
            }
            LayoutKind::PerNode => Self::evenly(1, cpus),
            LayoutKind::WorkersPerNode(workers) => {
                Self::evenly(capped(workers.get().min(cpus)), cpus)
            }
            LayoutKind::PerGpu => Self::evenly(capped(node.gpus().clamp(1, cpus)), cpus),
            LayoutKind::PerNuma if node.numa().is_empty() => {
                return Err(Error::NoNumaNodes { node: node.id().to_string() });
            }
            LayoutKind::PerNuma => Self::of_numa(node, capped),
        })
    }

    /// The GPUs of a node, for this many workers.
    pub(crate) fn of_gpus(node: &Node, node_layout: &NodeLayout, workers: u32) -> Self {
        match node_layout.gpus() {
            Gpus::First => Self::evenly(1, node.gpus()),
            Gpus::Spread => Self::evenly(workers, node.gpus()),
        }
    }

    fn of_width(workers: u32, width: u32, count: u32) -> Self {
        let end = workers.saturating_mul(width).min(count);
        Self { workers, width, wider: 0, end, numa: Vec::new() }
    }

    fn evenly(workers: u32, count: u32) -> Self {
        let (width, wider) = (count / workers, count % workers);
        Self { workers, width, wider, end: count, numa: Vec::new() }
    }

    fn of_numa(node: &Node, capped: impl Fn(u32) -> u32) -> Self {
        let mut shares = split(node.cpus(), node.numa());
        shares.truncate(capped(node.cpus()) as usize);
        let mut end = 0;
        for (_, cpus) in &mut shares {
            let start = end;
            end += *cpus;
            *cpus = start;
        }
        // There is at most one share for each CPU.
        let workers = u32::try_from(shares.len()).unwrap_or(u32::MAX);
        Self { workers, width: 0, wider: 0, end, numa: shares }
    }

    /// How many workers there are.
    pub(crate) fn workers(&self) -> u32 {
        self.workers
    }

    /// How many CPUs or GPUs the workers have together.
    pub(crate) fn total(&self) -> u32 {
        self.end
    }

    /// Where the range of worker `index` starts; for the index after the last, where the last range ends.
    pub(crate) fn start(&self, index: u32) -> u32 {
        if self.numa.is_empty() {
            let width = index.saturating_mul(self.width);
            return width.saturating_add(index.min(self.wider)).min(self.end);
        }
        self.numa.get(index as usize).map_or(self.end, |(_, start)| *start)
    }

    /// The width of the narrowest range.
    pub(crate) fn narrowest(&self) -> u32 {
        let width = |index| self.start(index + 1) - self.start(index);
        if self.numa.is_empty() {
            // No worker is narrower than the last one.
            return width(self.workers - 1);
        }
        (0..self.workers).map(width).min().unwrap_or(0)
    }

    /// The number of the NUMA node of worker `index`, under `per-numa`.
    pub(crate) fn numa(&self, index: u32) -> Option<u32> {
        self.numa.get(index as usize).map(|(id, _)| *id)
    }
}
