use std::sync::Arc;

use serde::Serialize;

use crate::cluster::resources::Resources;
use crate::layout::gpus::Gpus;
use crate::layout::node_layout::NodeLayout;
use crate::layout::pin::Pin;

/// One worker: a Daft process with its share of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Worker {
    /// `{NodeID}_cpu_{cpu_index}`, where the index is that of the worker's first CPU, counted from 0; under
    /// `per-node` the `NodeID` itself, which is Daft's own id for its one worker.
    pub worker_id: String,
    /// The `NodeID` of the node that the worker runs on.
    pub node_id: Arc<str>,
    /// Whole CPUs.
    pub cpus: u32,
    /// Whole GPUs.
    pub gpus: u32,
    /// The first GPU, counted from 0 on the node; 0 if the worker has no GPU.
    pub first_gpu: u32,
    /// Memory, in bytes.
    pub memory_bytes: u64,
    /// The compute threads of Daft and of the libraries in the process.
    pub threads: u32,
    /// The number of the worker's NUMA node under `per-numa`.
    pub numa: Option<u32>,
    /// The index of the worker among the workers of its node, counted from 0.
    #[serde(skip)]
    pub index: u32,
    /// How many CPUs each worker of the node has, in the order of the workers.
    #[serde(skip)]
    pub widths: Arc<[u32]>,
    /// How the node is divided.
    #[serde(rename = "layout")]
    pub node_layout: NodeLayout,
}

impl Worker {
    /// How the worker is pinned, if it is.
    pub fn pin(&self) -> Option<Pin> {
        self.node_layout.pin()
    }

    /// Whether the worker's process must be given its own `CUDA_VISIBLE_DEVICES`. That is not so if the first
    /// worker of a node has all GPUs, as Daft's own worker does.
    pub fn sees_own_gpus(&self) -> bool {
        self.node_layout.gpus() == Gpus::Spread
    }

    /// The same worker without pinning.
    #[must_use]
    pub fn unpinned(self) -> Self {
        Self { node_layout: self.node_layout.with_pin(None), ..self }
    }

    /// Whether Daft created the worker as planned. Daft reports neither threads nor what is done within the
    /// process.
    pub(crate) fn is_as_created(&self, created: &Self) -> bool {
        self.worker_id == created.worker_id
            && self.node_id == created.node_id
            && self.cpus == created.cpus
            && self.gpus == created.gpus
            && self.first_gpu == created.first_gpu
            && self.memory_bytes == created.memory_bytes
    }
}

impl From<&Worker> for Resources {
    fn from(worker: &Worker) -> Self {
        Self {
            cpus: worker.cpus.into(),
            gpus: worker.gpus.into(),
            memory_bytes: worker.memory_bytes,
        }
    }
}

#[cfg(test)]
pub(crate) fn example(worker_id: &str, cpus: u32) -> Worker {
    Worker {
        worker_id: worker_id.to_owned(),
        node_id: "n".into(),
        cpus,
        gpus: 0,
        first_gpu: 0,
        memory_bytes: 10,
        threads: cpus,
        numa: None,
        index: 0,
        widths: [cpus].into(),
        node_layout: NodeLayout::default(),
    }
}
