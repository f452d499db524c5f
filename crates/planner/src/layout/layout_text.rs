use std::fmt;
use std::str::FromStr;

use crate::error::Error;
use crate::keywords::{ARROW, RULE_END};
use crate::layout::node_layout::NodeLayout;
use crate::layout::rules::{Layout, Rule};

impl FromStr for Layout {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text.contains(ARROW) || text.contains(RULE_END) {
            return Self::by_node(text.split(RULE_END).map(str::parse).collect::<Result<_, _>>()?);
        }
        Ok(Self::from(text.parse::<NodeLayout>()?))
    }
}

impl FromStr for Rule {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (selector, node_layout) = text
            .split_once(ARROW)
            .ok_or_else(|| Error::BadRule { given: text.trim().to_owned() })?;
        if node_layout.contains(ARROW) {
            return Err(Error::NestedRules { text: node_layout.trim().to_owned() });
        }
        Ok(Self { selector: selector.trim().parse()?, node_layout: node_layout.parse()? })
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {ARROW} {}", self.selector, self.node_layout)
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(node_layout) = self.one_node_layout() {
            return write!(f, "{node_layout}");
        }
        for (place, rule) in self.rules().iter().enumerate() {
            if place > 0 {
                write!(f, "{RULE_END} ")?;
            }
            write!(f, "{rule}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::node::Node;
    use crate::cluster::node_record::NodeRecord;

    fn read(text: &str) -> Layout {
        text.parse().expect(text)
    }

    #[test]
    fn rules_are_printed_back() {
        for text in [
            "resource=GPU -> per-gpu; * -> per-core",
            "id=a -> per-core,max-workers=3",
            "label=a:b -> per-numa; address=10.0.0.1 -> per-node,memory=0.5",
        ] {
            assert_eq!(read(text).to_string(), text);
        }
        assert_eq!(
            read(" id=a->per-core ;*->per-node").to_string(),
            "id=a -> per-core; * -> per-node"
        );
        assert_eq!(read("* -> per-core"), Layout::default());
    }

    #[test]
    fn the_first_rule_that_selects_a_node_divides_it() {
        let layout = read("id=a -> per-gpu; resource=GPU -> per-numa; id=b -> per-core");
        let node_layout = |id, names: &[&str]| {
            let mut record = NodeRecord::new(id, 4.0, 0.0, 1e9);
            record.resources.extend(names.iter().map(|name| ((*name).to_owned(), 1.0)));
            layout.for_node(&Node::try_from(record).expect("valid")).to_string()
        };
        assert_eq!(node_layout("a", &["GPU"]), "per-gpu");
        assert_eq!(node_layout("b", &["GPU"]), "per-numa");
        assert_eq!(node_layout("b", &[]), "per-core");
        assert_eq!(node_layout("c", &[]), "per-node");
    }

    #[test]
    fn another_text_is_not_a_rule() {
        for (text, part) in [
            ("per-core; per-node", "'per-core' is not a rule"),
            ("* -> per-core;", "'' is not a rule"),
            ("all -> per-core", "'all' selects no nodes"),
            ("* -> percore", "unknown layout 'percore'"),
            ("* -> ", "the layout is empty"),
            ("id=a -> id=b -> per-core", "'id=b -> per-core' has rules itself"),
        ] {
            let error = text.parse::<Layout>().expect_err(text).to_string();
            assert!(error.contains(part), "{error}");
        }
        assert_eq!(Layout::by_node(Vec::new()), Err(Error::EmptyLayout));
    }
}
