use std::sync::Arc;

use crate::cluster::node::Node;
use crate::error::Error;
use crate::layout::keep_time::KeepTime;
use crate::layout::kind::LayoutKind;
use crate::layout::memory_fraction::MemoryFraction;
use crate::layout::node_layout::NodeLayout;
use crate::layout::one_worker::OneWorker;
use crate::layout::selector::Selector;
use crate::layout::startup::Startup;

/// How some nodes of a cluster are divided.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Rule {
    /// Which nodes the rule is for.
    pub selector: Selector,
    /// How each of these nodes is divided.
    pub node_layout: NodeLayout,
}

/// How the nodes of a cluster are divided into workers.
///
/// The first rule that selects a node divides it; a node that no rule selects is divided as by `per-node`. The
/// text form lists the rules, separated by semicolons: `resource=GPU -> per-gpu; * -> per-core`. A layout with
/// one rule for every node is written without the selector: `per-core`. [`std::str::FromStr`] reads the text
/// form and [`std::fmt::Display`] writes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Layout(Arc<[Rule]>);

impl Layout {
    /// Makes a layout of these rules.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyLayout`] if there are none.
    pub fn by_node(rules: Vec<Rule>) -> Result<Self, Error> {
        if rules.is_empty() { Err(Error::EmptyLayout) } else { Ok(Self(rules.into())) }
    }

    /// How this node is divided.
    pub fn for_node(&self, node: &Node) -> NodeLayout {
        let mut rules = self.0.iter();
        rules
            .find(|rule| rule.selector.selects(node))
            .map_or_else(|| NodeLayout::new(LayoutKind::PerNode), |rule| rule.node_layout.clone())
    }

    /// How each usable node is divided. Questions about the nodes are answered from here and not from the
    /// rules: a rule may select no node, and a node that no rule selects has Daft's own worker.
    pub(crate) fn node_layouts<'a>(
        &'a self,
        nodes: &'a [Node],
    ) -> impl Iterator<Item = NodeLayout> + 'a {
        nodes.iter().filter(|node| node.is_usable()).map(|node| self.for_node(node))
    }

    /// How each usable node is divided; the layouts of all rules if there is no node yet.
    fn expected_node_layouts(&self, nodes: &[Node]) -> Vec<NodeLayout> {
        let of_nodes: Vec<_> = self.node_layouts(nodes).collect();
        if !of_nodes.is_empty() {
            return of_nodes;
        }
        self.0.iter().map(|rule| rule.node_layout.clone()).collect()
    }

    /// The rules, in their order.
    pub fn rules(&self) -> &[Rule] {
        &self.0
    }

    /// The layout of all nodes, if they all have the same.
    pub fn one_node_layout(&self) -> Option<NodeLayout> {
        match &*self.0 {
            [Rule { selector, node_layout }] if *selector == Selector::ANY => {
                Some(node_layout.clone())
            }
            _ => None,
        }
    }

    /// The layout of the nodes of a rule.
    ///
    /// # Errors
    ///
    /// [`Error::NestedRules`] if this layout has rules itself.
    pub fn as_rule(&self) -> Result<NodeLayout, Error> {
        self.one_node_layout().ok_or_else(|| Error::NestedRules { text: self.to_string() })
    }

    /// Whether this node is divided by its NUMA nodes, which must be known for that.
    pub fn needs_numa(&self, node: &Node) -> bool {
        self.for_node(node).kind() == LayoutKind::PerNuma
    }

    /// Whether a rule has the kind `auto`.
    pub fn is_auto(&self) -> bool {
        self.0.iter().any(|rule| rule.node_layout.kind() == LayoutKind::Auto)
    }

    /// Whether one of these nodes is divided by `auto`, or could be if there is no node yet.
    pub(crate) fn is_auto_for(&self, nodes: &[Node]) -> bool {
        let node_layouts = self.expected_node_layouts(nodes);
        node_layouts.iter().any(|node_layout| node_layout.kind() == LayoutKind::Auto)
    }

    /// Whether the code of a UDF of this name runs in one copy per node: each of these nodes that is divided by
    /// `auto` has it in `one-copy`.
    pub(crate) fn runs_in_one_copy(&self, udf: &str, nodes: &[Node]) -> bool {
        self.expected_node_layouts(nodes).iter().all(|node_layout| {
            node_layout.kind() != LayoutKind::Auto
                || node_layout.one_copy().is_some_and(|names| names.includes(udf))
        })
    }

    /// The layout of the workers for Python code: `auto` is `per-core`.
    pub(crate) fn for_python(&self) -> Self {
        self.with_auto(|node_layout| node_layout.with_kind(LayoutKind::PerCore))
    }

    /// The layout of the workers for native work: `auto` is `per-node`.
    pub(crate) fn for_native(&self) -> Self {
        self.with_auto(|node_layout| {
            NodeLayout::new(LayoutKind::PerNode)
                .with_memory(node_layout.memory())
                .with_keep(node_layout.keep())
        })
    }

    /// The layouts of the workers that queries run on if their tasks fit.
    pub fn target_layouts(&self) -> Vec<Self> {
        let native = self.for_native();
        if self.is_auto() { vec![self.for_python(), native] } else { vec![native] }
    }

    /// The layout of the workers, with `node_layout` in place of `auto`. The options `split`, `one-copy` and
    /// `one-worker` are dropped: they belong to a query, and the same workers serve all their values.
    fn with_auto(&self, node_layout: impl Fn(NodeLayout) -> NodeLayout) -> Self {
        let of_workers = |rule: &Rule| {
            let own = rule.node_layout.clone();
            let own = if own.kind() == LayoutKind::Auto { node_layout(own) } else { own };
            let own = own.with_split(true).with_one_worker(OneWorker::Never);
            Rule { selector: rule.selector.clone(), node_layout: own }
        };
        Self(self.0.iter().map(of_workers).collect())
    }

    /// The options that workers of another width keep: the smallest memory fraction of all nodes, and each
    /// other option that is the same on all nodes.
    pub(crate) fn common_options(&self, nodes: &[Node]) -> NodeLayout {
        let node_layouts = || self.node_layouts(nodes);
        let least = node_layouts()
            .map(|node_layout| node_layout.memory())
            .min_by_key(|fraction| fraction.millionths());
        NodeLayout::default()
            .with_memory(least.unwrap_or(MemoryFraction::WHOLE))
            .with_max_workers(
                common_value(node_layouts().map(|node_layout| node_layout.max_workers())).flatten(),
            )
            .with_pin(common_value(node_layouts().map(|node_layout| node_layout.pin())).flatten())
            .with_startup(
                common_value(node_layouts().map(|node_layout| node_layout.startup()))
                    .unwrap_or(Startup::Eager),
            )
            .with_keep(self.common_keep(nodes))
    }

    /// Whether each of these nodes has one worker, as on stock Daft.
    pub(crate) fn is_whole_for(&self, nodes: &[Node]) -> bool {
        self.node_layouts(nodes).all(|node_layout| node_layout.is_whole_node())
    }

    /// The layout of Daft's own workers, for tasks that no narrower workers can run. Of the options of this
    /// layout they have only `keep`.
    pub(crate) fn overflow_to_whole_nodes(&self, nodes: &[Node]) -> NodeLayout {
        NodeLayout::new(LayoutKind::PerNode).with_keep(self.common_keep(nodes))
    }

    /// How long the workers of all nodes keep instances, if they all keep them equally long.
    fn common_keep(&self, nodes: &[Node]) -> Option<KeepTime> {
        let node_layouts = self.expected_node_layouts(nodes);
        common_value(node_layouts.iter().map(NodeLayout::keep)).flatten()
    }
}

/// The common value, if all are equal.
fn common_value<T: PartialEq>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}

impl From<NodeLayout> for Layout {
    /// Every node is divided in the same way.
    fn from(node_layout: NodeLayout) -> Self {
        Self([Rule { selector: Selector::ANY, node_layout }].into())
    }
}

impl From<LayoutKind> for Layout {
    fn from(kind: LayoutKind) -> Self {
        NodeLayout::new(kind).into()
    }
}

impl Default for Layout {
    /// A worker for each CPU of every node.
    fn default() -> Self {
        NodeLayout::default().into()
    }
}
