use hashbrown::HashMap;

use crate::cluster::node::Node;
use crate::error::Error;
use crate::layout::node_layout::NodeLayout;
use crate::layout::rules::Layout;
use crate::placement::worker_id::split_cpu;

/// A node that gets workers, and how it is divided.
pub(crate) struct Target<'a> {
    pub(crate) node: &'a Node,
    pub(crate) node_layout: NodeLayout,
}

/// The nodes that get workers, in the order of the cluster, and the index of each by node id.
pub(crate) struct Targets<'a> {
    pub(crate) all: Vec<Target<'a>>,
    pub(crate) by_id: HashMap<&'a str, usize>,
}

impl<'a> Targets<'a> {
    /// Selects the usable nodes.
    ///
    /// # Errors
    ///
    /// [`Error::DuplicateNode`] and [`Error::AmbiguousWorker`] if two workers would have the same id.
    pub(crate) fn new(nodes: &'a [Node], layout: &Layout) -> Result<Self, Error> {
        let all: Vec<_> = nodes
            .iter()
            .filter(|node| node.is_usable())
            .map(|node| Target { node, node_layout: layout.for_node(node) })
            .collect();
        let mut by_id = HashMap::with_capacity(all.len());
        for (index, target) in all.iter().enumerate() {
            if by_id.insert(&**target.node.id(), index).is_some() {
                return Err(Error::DuplicateNode { id: target.node.id().to_string() });
            }
        }
        let targets = Self { all, by_id };
        targets.check_worker_ids()?;
        Ok(targets)
    }

    /// A node id can have the form of a worker id, and it is the id of the node's one worker under `per-node`.
    fn check_worker_ids(&self) -> Result<(), Error> {
        for whole in self.all.iter().filter(|target| target.node_layout.is_whole_node()) {
            let other = split_cpu(whole.node.id())
                .and_then(|(id, cpu)| Some((self.all.get(*self.by_id.get(id)?)?, cpu)))
                .filter(|(other, cpu)| {
                    !other.node_layout.is_whole_node() && *cpu < other.node.cpus()
                });
            if let Some((other, _)) = other {
                return Err(Error::AmbiguousWorker {
                    node: whole.node.id().to_string(),
                    other: other.node.id().to_string(),
                });
            }
        }
        Ok(())
    }
}
