use std::num::NonZeroU32;
use std::sync::Arc;

use crate::cluster::node_record::NodeRecord;
use crate::cluster::numa::Numa;
use crate::error::Error;
use crate::limits::{MAX_COUNT, MAX_MEMORY_BYTES};

/// One node of a Ray cluster: its record, validated.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    cpus: u32,
    gpus: u32,
    memory_bytes: u64,
    record: Arc<NodeRecord>,
}

impl TryFrom<NodeRecord> for Node {
    type Error = Error;

    /// Validates one entry of `ray.nodes()`.
    ///
    /// CPUs and GPUs are rounded down, as Daft does (`int(node["Resources"]["CPU"])` in
    /// `daft/runners/flotilla.py`, every release). NUMA nodes without CPUs are left out.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyNodeId`], and [`Error::BadResource`] if a resource is negative, not finite or more than a
    /// node can have.
    fn try_from(mut record: NodeRecord) -> Result<Self, Error> {
        if record.id.is_empty() {
            return Err(Error::EmptyNodeId);
        }
        record.numa.retain(|numa| numa.cpus > 0);
        Ok(Self {
            cpus: count(&record, "CPU")?,
            gpus: count(&record, "GPU")?,
            memory_bytes: whole(&record, "memory", MAX_MEMORY_BYTES)?,
            record: Arc::new(record),
        })
    }
}

impl Node {
    /// Reads and validates the nodes of a cluster from JSON: a list in the form of `ray.nodes()`.
    ///
    /// # Errors
    ///
    /// [`Error::BadInventory`] if the text is not such a list, and the errors of [`Node::try_from`].
    pub fn read_all(text: &[u8]) -> Result<Vec<Self>, Error> {
        NodeRecord::read_all(text)?.into_iter().map(Self::try_from).collect()
    }

    /// The `NodeID`.
    pub fn id(&self) -> &Arc<str> {
        &self.record.id
    }

    /// Whole CPUs.
    pub fn cpus(&self) -> u32 {
        self.cpus
    }

    /// Whole GPUs.
    pub fn gpus(&self) -> u32 {
        self.gpus
    }

    /// The memory that Ray hands out on the node, in bytes.
    pub fn memory_bytes(&self) -> u64 {
        self.memory_bytes
    }

    /// Whether the node is alive.
    pub fn is_alive(&self) -> bool {
        self.record.alive
    }

    /// Whether the node can hold workers: it is alive and has at least one whole CPU and some memory.
    pub fn is_usable(&self) -> bool {
        self.is_alive() && self.cpus > 0 && self.memory_bytes > 0
    }

    /// The address of the node, if known.
    pub fn address(&self) -> Option<&str> {
        self.record.address.as_deref()
    }

    /// The host of the node: its name or else its address; without either, the node counts as alone on its
    /// host.
    pub fn host(&self) -> &str {
        let hostname = self.record.hostname.as_deref().filter(|name| !name.is_empty());
        hostname.or_else(|| self.address()).unwrap_or(self.id())
    }

    /// Whether the node has more than 0 of this resource.
    pub fn has_resource(&self, name: &str) -> bool {
        self.record.amount(name) > 0.0
    }

    /// The value of a label, or None if the node does not have the label.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.record.labels.get(key).map(String::as_str)
    }

    /// The NUMA nodes that have CPUs; empty if they are unknown.
    pub fn numa(&self) -> &[Numa] {
        &self.record.numa
    }

    /// The most workers that the node can start, if known.
    pub fn max_workers(&self) -> Option<NonZeroU32> {
        self.record.max_workers
    }
}

fn count(record: &NodeRecord, resource: &'static str) -> Result<u32, Error> {
    let value = whole(record, resource, u64::from(MAX_COUNT))?;
    u32::try_from(value).map_err(|_| bad_resource(record, resource))
}

fn whole(record: &NodeRecord, resource: &'static str, limit: u64) -> Result<u64, Error> {
    let given = record.amount(resource);
    // Both limits are exact in an f64, and a NaN is in no range.
    if !(0.0..=limit as f64).contains(&given) {
        return Err(bad_resource(record, resource));
    }
    Ok(given as u64)
}

fn bad_resource(record: &NodeRecord, resource: &'static str) -> Error {
    let limit = if resource == "memory" { MAX_MEMORY_BYTES } else { u64::from(MAX_COUNT) };
    let given = record.amount(resource);
    Error::BadResource { node: record.id.to_string(), resource, given, limit }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(cpus: f64, gpus: f64, memory: f64) -> Result<Node, Error> {
        Node::try_from(NodeRecord::new("a", cpus, gpus, memory))
    }

    #[test]
    fn fractions_are_rounded_down() {
        let node = node(3.9, 0.5, 10.7).expect("valid");
        assert_eq!((node.cpus(), node.gpus(), node.memory_bytes()), (3, 0, 10));
    }

    #[test]
    fn a_node_without_cpu_memory_or_life_is_not_usable() {
        assert!(!node(0.9, 0.0, 1.0).expect("valid").is_usable());
        assert!(!node(1.0, 0.0, 0.0).expect("valid").is_usable());
        assert!(
            !Node::try_from(NodeRecord { alive: false, ..NodeRecord::new("a", 1.0, 0.0, 1.0) })
                .expect("valid")
                .is_usable()
        );
        assert!(node(1.0, 0.0, 1.0).expect("valid").is_usable());
    }

    #[test]
    fn an_impossible_amount_is_refused_with_the_value() {
        for bad in [-1.0, f64::NAN, f64::INFINITY, 1e30] {
            assert!(matches!(node(bad, 0.0, 1.0), Err(Error::BadResource { resource: "CPU", .. })));
            assert!(matches!(node(1.0, bad, 1.0), Err(Error::BadResource { resource: "GPU", .. })));
            assert!(matches!(
                node(1.0, 0.0, bad),
                Err(Error::BadResource { resource: "memory", .. })
            ));
        }
        let text = node(-2.0, 0.0, 1.0).expect_err("negative").to_string();
        assert!(text.contains("CPU = -2") && text.contains("--num-cpus"), "{text}");
        assert_eq!(Node::try_from(NodeRecord::new("", 1.0, 0.0, 1.0)), Err(Error::EmptyNodeId));
    }
}
