use std::sync::Arc;

use crate::error::Error;
use crate::limits::{MAX_COUNT, MAX_MEMORY_BYTES};
use crate::told::Told;

/// One node of a Ray cluster, validated from what `ray.nodes()` says of it. What else it may tell of
/// itself is added with `with_…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    id: Arc<str>,
    alive: bool,
    head: bool,
    cpus: u32,
    gpus: u32,
    memory_bytes: u64,
    pub(crate) told: Option<Arc<Told>>,
}

impl Node {
    /// Validates one entry of `ray.nodes()`.
    ///
    /// `cpus` and `gpus` are floored, as Daft floors them (`int(node["Resources"]["CPU"])` in
    /// `daft/runners/flotilla.py`, every release). A resource that the node does not report is 0.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyNodeId`], and [`Error::BadResource`] for a resource that is negative, not
    /// finite or beyond what a node can have.
    pub fn new(
        id: &str,
        alive: bool,
        head: bool,
        cpus: f64,
        gpus: f64,
        memory_bytes: f64,
    ) -> Result<Self, Error> {
        if id.is_empty() {
            return Err(Error::EmptyNodeId);
        }
        Ok(Self {
            id: Arc::from(id),
            alive,
            head,
            cpus: count(id, "CPU", cpus)?,
            gpus: count(id, "GPU", gpus)?,
            memory_bytes: whole(id, "memory", memory_bytes, MAX_MEMORY_BYTES)?,
            told: None,
        })
    }

    /// The `NodeID`.
    pub fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// Whether the node is the head of its cluster.
    pub fn is_head(&self) -> bool {
        self.head
    }

    /// Whole CPUs.
    pub fn cpus(&self) -> u32 {
        self.cpus
    }

    /// Whole GPUs.
    pub fn gpus(&self) -> u32 {
        self.gpus
    }

    /// Memory that Ray hands out on the node, in bytes.
    pub fn memory_bytes(&self) -> u64 {
        self.memory_bytes
    }

    /// Whether the node is alive.
    pub fn is_alive(&self) -> bool {
        self.alive
    }

    /// Whether the node can hold workers: alive, with at least one whole CPU and some memory.
    pub fn is_usable(&self) -> bool {
        self.alive && self.cpus > 0 && self.memory_bytes > 0
    }
}

fn count(node: &str, resource: &'static str, given: f64) -> Result<u32, Error> {
    let value = whole(node, resource, given, u64::from(MAX_COUNT))?;
    u32::try_from(value).map_err(|_| Error::bad_resource(node, resource, given))
}

fn whole(node: &str, resource: &'static str, given: f64, limit: u64) -> Result<u64, Error> {
    // Both limits are exact in an f64, and a NaN is in no range.
    if !(0.0..=limit as f64).contains(&given) {
        return Err(Error::bad_resource(node, resource, given));
    }
    Ok(given as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(cpus: f64, gpus: f64, memory: f64) -> Result<Node, Error> {
        Node::new("a", true, false, cpus, gpus, memory)
    }

    #[test]
    fn fractions_are_floored() {
        let node = node(3.9, 0.5, 10.7).expect("valid");
        assert_eq!((node.cpus(), node.gpus(), node.memory_bytes()), (3, 0, 10));
    }

    #[test]
    fn a_node_without_cpu_memory_or_life_is_not_usable() {
        assert!(!node(0.9, 0.0, 1.0).expect("valid").is_usable());
        assert!(!node(1.0, 0.0, 0.0).expect("valid").is_usable());
        assert!(!Node::new("a", false, false, 1.0, 0.0, 1.0).expect("valid").is_usable());
        assert!(node(1.0, 0.0, 1.0).expect("valid").is_usable());
    }

    #[test]
    fn what_is_no_amount_is_refused_with_the_value() {
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
        assert_eq!(Node::new("", true, false, 1.0, 0.0, 1.0), Err(Error::EmptyNodeId));
    }
}
