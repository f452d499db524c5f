use std::fs;
use std::path::Path;

use protoplast_planner::{Node, NodeRecord, Numa, Resources};

use crate::error::Error;
use crate::limits::MOST_CPUS;
use crate::plan::options::PlanOptions;

/// The path that stands for the standard input.
const STANDARD_INPUT: &str = "-";

impl PlanOptions {
    /// Whether the nodes are read from the standard input.
    pub(crate) fn reads_stdin(&self) -> bool {
        self.inventory.as_deref() == Some(Path::new(STANDARD_INPUT))
    }

    /// The nodes that are planned for.
    pub(crate) fn nodes(&self, stdin: &[u8]) -> Result<Vec<Node>, Error> {
        let nodes = match &self.inventory {
            None => self.described()?,
            Some(_) if self.reads_stdin() => Node::read_all(stdin)?,
            Some(path) => Node::read_all(&fs::read(path).map_err(|error| {
                Error::UnreadableInventory { path: path.display().to_string(), error }
            })?)?,
        };
        few_enough(nodes)
    }

    /// Makes equal nodes from the options.
    fn described(&self) -> Result<Vec<Node>, Error> {
        let (cpus, memory_bytes) = (self.cpus.unwrap_or(0), self.memory.unwrap_or(0));
        let total = u64::from(cpus) * u64::from(self.nodes);
        if total > MOST_CPUS {
            return Err(Error::TooManyCpus { cpus: total });
        }
        let numa = self.numa.map_or_else(Vec::new, |count| evenly(cpus, memory_bytes, count));
        let node = |index: u32| {
            let id = format!("node-{index}");
            let (cpus, gpus) = (cpus.into(), self.gpus.into());
            let record = NodeRecord::new(&id, cpus, gpus, memory_bytes as f64);
            Ok(Node::try_from(NodeRecord { numa: numa.clone(), ..record })?)
        };
        (0..self.nodes).map(node).collect()
    }
}

/// Returns the nodes, or an error if they are too many for one plan.
pub(crate) fn few_enough(nodes: Vec<Node>) -> Result<Vec<Node>, Error> {
    let Resources { cpus, .. } = nodes.iter().collect();
    if cpus > MOST_CPUS { Err(Error::TooManyCpus { cpus }) } else { Ok(nodes) }
}

/// Makes NUMA nodes of one size, as far as CPUs can be split evenly.
fn evenly(cpus: u32, memory_bytes: u64, count: u32) -> Vec<Numa> {
    let memory_bytes = memory_bytes / u64::from(count);
    (0..count)
        .map(|id| Numa { id, cpus: cpus / count + u32::from(id < cpus % count), memory_bytes })
        .collect()
}
