use std::sync::Arc;

use crate::cut::Cut;
use crate::error::Error;
use crate::kind::Kind;
use crate::node::Node;
use crate::part::Part;
use crate::selector::Selector;

/// How some nodes of a cluster are cut.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Rule {
    /// Which nodes.
    pub selector: Selector,
    /// How each of them is cut.
    pub cut: Cut,
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
    pub fn for_node(&self, node: &Node) -> Cut {
        let mut rules = self.0.iter();
        rules
            .find(|rule| rule.selector.selects(node))
            .map_or_else(|| Cut::new(Kind::PerNode), |rule| rule.cut)
    }

    /// The rules, in their order.
    pub fn rules(&self) -> &[Rule] {
        &self.0
    }

    /// The cut, where every node has the same.
    pub fn one_cut(&self) -> Option<Cut> {
        match &*self.0 {
            [Rule { selector, cut }] if *selector == Selector::ANY => Some(*cut),
            _ => None,
        }
    }

    /// The cut that a rule gives its nodes.
    ///
    /// # Errors
    ///
    /// [`Error::NestedRules`] where this layout differs by node itself.
    pub fn as_rule_cut(&self) -> Result<Cut, Error> {
        self.one_cut().ok_or_else(|| Error::NestedRules { text: self.to_string() })
    }

    /// Whether some nodes are cut by their NUMA nodes, which they have to tell.
    pub fn needs_numa(&self) -> bool {
        self.0.iter().any(|rule| rule.cut.kind() == Kind::PerNuma)
    }

    /// Whether some nodes are cut as suits each query.
    pub fn is_auto(&self) -> bool {
        self.0.iter().any(|rule| rule.cut.kind() == Kind::Auto)
    }

    /// The layout of the workers that are meant for Python code: `auto` is `per-core`.
    pub(crate) fn for_python(&self) -> Self {
        self.with_auto(|cut| cut.with_kind(Kind::PerCore))
    }

    /// The layout of the workers that are meant for native work: `auto` is `per-node`.
    pub(crate) fn for_native(&self) -> Self {
        self.with_auto(|cut| Cut::new(Kind::PerNode).with_memory(cut.memory()))
    }

    /// The layouts of the workers that its queries run on where their tasks fit.
    pub fn meant(&self) -> Vec<Self> {
        if self.is_auto() { vec![self.for_python(), self.for_native()] } else { vec![self.clone()] }
    }

    fn with_auto(&self, cut: impl Fn(Cut) -> Cut) -> Self {
        let mut rules = self.0.to_vec();
        for rule in rules.iter_mut().filter(|rule| rule.cut.kind() == Kind::Auto) {
            rule.cut = cut(rule.cut);
        }
        Self(rules.into())
    }

    /// The options that workers of another width keep: on all nodes the least part of memory, and what
    /// else is the same on all nodes.
    pub(crate) fn kept_options(&self) -> Cut {
        let none = Cut::default();
        let least =
            self.0.iter().map(|rule| rule.cut.memory()).min_by_key(|part| part.millionths());
        match self.one_cut() {
            Some(cut) => none
                .with_max_workers(cut.max_workers())
                .with_pin(cut.pin())
                .with_startup(cut.startup()),
            None => none,
        }
        .with_memory(least.unwrap_or(Part::WHOLE))
    }
}

impl From<Cut> for Layout {
    /// Every node is cut in the same way.
    fn from(cut: Cut) -> Self {
        Self([Rule { selector: Selector::ANY, cut }].into())
    }
}

impl From<Kind> for Layout {
    fn from(kind: Kind) -> Self {
        Cut::new(kind).into()
    }
}

impl Default for Layout {
    /// A worker for each CPU of every node.
    fn default() -> Self {
        Cut::default().into()
    }
}
