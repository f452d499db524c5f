use std::num::NonZeroU32;

use crate::cluster::node::Node;
use crate::error::Error;
use crate::layout::kind::LayoutKind;
use crate::layout::memory_fraction::MemoryFraction;
use crate::layout::node_layout::NodeLayout;
use crate::measured::{WORKER_PRIVATE_BYTES, WORKER_THREADS};
use crate::placement::ranges::Ranges;

/// Shares a node's memory out in proportion to each worker's CPUs, rounded down.
pub(crate) struct MemoryShare {
    memory_bytes: u128,
    /// The CPUs of all workers of the node.
    cpus: u128,
}

impl MemoryShare {
    /// The memory shares of the workers that a layout gives a node.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyWorkers`] if the node cannot start the workers, [`Error::WorkersTooSmall`] if a worker
    /// would have less memory than a worker needs. Daft's own worker is not checked for memory.
    pub(crate) fn new(node: &Node, node_layout: &NodeLayout, cpus: &Ranges) -> Result<Self, Error> {
        if let Some(most) = node.max_workers().filter(|most| most.get() < cpus.workers()) {
            return Err(Error::TooManyWorkers {
                node: node.id().to_string(),
                layout: node_layout.to_string(),
                workers: cpus.workers(),
                most: most.get(),
                remedy: node_layout.clone().with_max_workers(Some(most)).to_string(),
            });
        }
        let share = Self {
            memory_bytes: node_layout.memory().of_bytes(node.memory_bytes()).into(),
            cpus: cpus.total().into(),
        };
        let share_bytes = share.share_bytes(cpus.narrowest());
        let is_stock = node_layout.is_whole_node() && node_layout.memory() == MemoryFraction::WHOLE;
        if share_bytes < WORKER_PRIVATE_BYTES && !is_stock {
            return Err(Error::WorkersTooSmall {
                node: node.id().to_string(),
                memory_bytes: node.memory_bytes(),
                layout: node_layout.to_string(),
                workers: cpus.workers(),
                share_bytes,
                remedy: remedy(node, node_layout).to_string(),
            });
        }
        Ok(share)
    }

    /// The memory of a worker with this many CPUs, in bytes.
    pub(crate) fn share_bytes(&self, cpus: u32) -> u64 {
        // A share of a u64 is a u64.
        u64::try_from(self.memory_bytes * u128::from(cpus) / self.cpus).unwrap_or(u64::MAX)
    }
}

/// The same memory fraction for the most workers that have enough memory, or Daft's own worker if none has.
fn remedy(node: &Node, node_layout: &NodeLayout) -> NodeLayout {
    let memory_bytes = u128::from(node_layout.memory().of_bytes(node.memory_bytes()));
    let floor = u128::from(WORKER_PRIVATE_BYTES) * u128::from(node.cpus());
    let narrowest = floor.checked_div(memory_bytes).map(|_| floor.div_ceil(memory_bytes));
    let workers = narrowest
        .and_then(|narrowest| u32::try_from(narrowest).ok())
        .and_then(|narrowest| NonZeroU32::new(node.cpus() / narrowest))
        .map(|workers| node.max_workers().map_or(workers, |most| workers.min(most)));
    let own = NodeLayout::new(LayoutKind::PerNode).with_keep(node_layout.keep());
    workers
        .map_or(own, |workers| node_layout.clone().with_kind(LayoutKind::WorkersPerNode(workers)))
}

/// How many workers a node can start if it allows this many threads; at least one, as on stock Daft.
pub fn workers_within(threads: u64) -> u32 {
    u32::try_from(threads / WORKER_THREADS).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::node_record::NodeRecord;

    const GIB: u64 = 1 << 30;

    fn refused(node_layout: &str, cpus: u32, memory_bytes: u64) -> Error {
        let node = Node::try_from(NodeRecord::new("a", cpus.into(), 0.0, memory_bytes as f64))
            .expect("valid");
        let node_layout: NodeLayout = node_layout.parse().expect(node_layout);
        let check = |node_layout: NodeLayout| {
            MemoryShare::new(&node, &node_layout, &Ranges::of_cpus(&node, &node_layout)?).map(drop)
        };
        let error = check(node_layout).expect_err("too small");
        if let Error::WorkersTooSmall { remedy, .. } = &error {
            assert_eq!(check(remedy.parse().expect("a layout")), Ok(()), "{remedy}");
        }
        error
    }

    #[test]
    fn workers_have_enough_memory_to_run() {
        assert_eq!(
            refused("per-core", 64, GIB).to_string(),
            "the layout 'per-core' divides node 'a' with 1.0 GiB of memory into 64 workers, the smallest \
             with 16.0 MiB, but a worker needs 74.4 MiB; choose 'workers-per-node=12' for the node or \
             give it more memory (ray start --memory)"
        );
        for (node_layout, memory_bytes, remedy) in [
            ("per-core,memory=0.5", GIB, "workers-per-node=6,memory=0.5"),
            ("per-core", GIB / 16, "per-node"),
            ("per-core,keep=1h", GIB / 16, "per-node,keep=1h"),
            ("per-node,memory=0.000001", 10, "per-node"),
            ("per-node,memory=0.5", GIB / 10, "per-node"),
        ] {
            let text = refused(node_layout, 64, memory_bytes).to_string();
            assert!(text.contains(&format!("choose '{remedy}'")), "{text}");
        }
        // The two workers of 4 CPUs would have enough, but the worker of 2 CPUs would not.
        let narrow = refused("cpus-per-worker=4", 10, 5 * WORKER_PRIVATE_BYTES - 1);
        assert!(matches!(narrow, Error::WorkersTooSmall { workers: 3, .. }), "{narrow}");
    }

    #[test]
    fn a_node_gets_no_more_workers_than_it_can_start() {
        let record = NodeRecord {
            max_workers: NonZeroU32::new(20),
            ..NodeRecord::new("a", 64.0, 0.0, 64e9)
        };
        let node = Node::try_from(record).expect("valid");
        let node_layout: NodeLayout = "per-core,memory=0.9".parse().expect("valid");
        let check = |node_layout: NodeLayout| {
            MemoryShare::new(&node, &node_layout, &Ranges::of_cpus(&node, &node_layout)?).map(drop)
        };
        assert_eq!(
            check(node_layout).expect_err("too many").to_string(),
            "the layout 'per-core,memory=0.9' gives node 'a' 64 workers, but the node can start only \
             20; choose 'per-core,max-workers=20,memory=0.9' for the node"
        );
        assert_eq!(check("per-node".parse().expect("valid")), Ok(()));
        assert_eq!(check("workers-per-node=20".parse().expect("valid")), Ok(()));
    }
}
