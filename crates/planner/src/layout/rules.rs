use std::sync::Arc;

use crate::cluster::node::Node;
use crate::error::Error;
use crate::layout::kind::LayoutKind;
use crate::layout::memory_fraction::MemoryFraction;
use crate::layout::node_layout::NodeLayout;
use crate::layout::selector::Selector;

/// How some nodes of a cluster are cut.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Rule {
    /// Which nodes.
    pub selector: Selector,
    /// How each of them is cut.
    pub node_layout: NodeLayout,
}

/// How the nodes of a cluster are cut into workers.
///
/// A node is cut by the first rule that selects it, and by `per-node` where none does. The text form
/// is that of the rules with semicolons between, `resource=GPU -> per-gpu; * -> per-core`; of one rule
/// for every node it is that of the cut alone, `per-core`. It is read by [`std::str::FromStr`] and printed
/// back by [`std::fmt::Display`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Layout(Arc<[Rule]>);

impl Layout {
    /// A layout of these rules.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyLayout`] where there are none.
    pub fn by_node(rules: Vec<Rule>) -> Result<Self, Error> {
        if rules.is_empty() { Err(Error::EmptyLayout) } else { Ok(Self(rules.into())) }
    }

    /// How this node is cut.
    pub fn for_node(&self, node: &Node) -> NodeLayout {
        let mut rules = self.0.iter();
        rules
            .find(|rule| rule.selector.selects(node))
            .map_or_else(|| NodeLayout::new(LayoutKind::PerNode), |rule| rule.node_layout)
    }

    /// How each usable node is cut. A rule that selects none of them says nothing about them, and one that no
    /// rule selects has Daft's own worker, so what is true of the nodes is asked here and not of the rules.
    pub(crate) fn node_layouts<'a>(
        &'a self,
        nodes: &'a [Node],
    ) -> impl Iterator<Item = NodeLayout> + 'a {
        nodes.iter().filter(|node| node.is_usable()).map(|node| self.for_node(node))
    }

    /// The rules, in their order.
    pub fn rules(&self) -> &[Rule] {
        &self.0
    }

    /// The cut, where every node has the same.
    pub fn one_node_layout(&self) -> Option<NodeLayout> {
        match &*self.0 {
            [Rule { selector, node_layout }] if *selector == Selector::ANY => Some(*node_layout),
            _ => None,
        }
    }

    /// The cut that a rule gives its nodes.
    ///
    /// # Errors
    ///
    /// [`Error::NestedRules`] where this layout differs by node itself.
    pub fn as_rule(&self) -> Result<NodeLayout, Error> {
        self.one_node_layout().ok_or_else(|| Error::NestedRules { text: self.to_string() })
    }

    /// Whether this node is cut by its NUMA nodes, which it has to tell.
    pub fn needs_numa(&self, node: &Node) -> bool {
        self.for_node(node).kind() == LayoutKind::PerNuma
    }

    /// Whether some rule cuts its nodes as suits each query.
    pub fn is_auto(&self) -> bool {
        self.0.iter().any(|rule| rule.node_layout.kind() == LayoutKind::Auto)
    }

    /// Whether one of these nodes is cut as suits each query, or could be if there is no node yet.
    pub(crate) fn is_auto_for(&self, nodes: &[Node]) -> bool {
        let mut node_layouts = self.node_layouts(nodes).peekable();
        match node_layouts.peek() {
            Some(_) => node_layouts.any(|node_layout| node_layout.kind() == LayoutKind::Auto),
            None => self.is_auto(),
        }
    }

    /// The layout of the workers that are meant for Python code: `auto` is `per-core`.
    pub(crate) fn for_python(&self) -> Self {
        self.with_auto(|node_layout| node_layout.with_kind(LayoutKind::PerCore))
    }

    /// The layout of the workers that are meant for native work: `auto` is `per-node`.
    pub(crate) fn for_native(&self) -> Self {
        self.with_auto(|node_layout| {
            NodeLayout::new(LayoutKind::PerNode).with_memory(node_layout.memory())
        })
    }

    /// The layouts of the workers that its queries run on where their tasks fit.
    pub fn target_layouts(&self) -> Vec<Self> {
        let native = self.for_native();
        if self.is_auto() { vec![self.for_python(), native] } else { vec![native] }
    }

    /// The layout of its workers, with this in the place of `auto`. How scans are cut into tasks is a query's
    /// own matter: workers serve both.
    fn with_auto(&self, node_layout: impl Fn(NodeLayout) -> NodeLayout) -> Self {
        let of_workers = |rule: &Rule| {
            let own = if rule.node_layout.kind() == LayoutKind::Auto {
                node_layout(rule.node_layout)
            } else {
                rule.node_layout
            };
            Rule { selector: rule.selector.clone(), node_layout: own.with_split(true) }
        };
        Self(self.0.iter().map(of_workers).collect())
    }

    /// The options that workers of another width keep: the least part of memory that a node gives out, and
    /// what else is the same on all nodes.
    pub(crate) fn common_options(&self, nodes: &[Node]) -> NodeLayout {
        let none = NodeLayout::default();
        let node_layouts = || self.node_layouts(nodes);
        let least = node_layouts()
            .map(|node_layout| node_layout.memory())
            .min_by_key(|part| part.millionths());
        none.with_memory(least.unwrap_or(MemoryFraction::WHOLE))
            .with_max_workers(
                same(node_layouts().map(|node_layout| node_layout.max_workers())).flatten(),
            )
            .with_pin(same(node_layouts().map(|node_layout| node_layout.pin())).flatten())
            .with_startup(
                same(node_layouts().map(|node_layout| node_layout.startup()))
                    .unwrap_or(none.startup()),
            )
    }
}

/// What all of them are, if they are the same.
fn same<T: PartialEq>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}

impl From<NodeLayout> for Layout {
    /// Every node is cut in the same way.
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
