use std::fmt;
use std::str::FromStr;

use crate::cluster::node::Node;
use crate::error::Error;
use crate::keywords::{ADDRESS, ANY, ARROW, ID, LABEL, RESOURCE, RULE_END};

/// Which nodes a rule of a layout is for.
///
/// The text form is `*`, `id=<NodeID>`, `address=<address>`, `resource=<name>`, `label=<key>` or
/// `label=<key>:<value>`. Spaces around a name do not belong to the name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Selector(By);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum By {
    Any,
    Id(Box<str>),
    Address(Box<str>),
    Resource(Box<str>),
    Label(Box<str>, Option<Box<str>>),
}

impl Selector {
    /// The selector of every node.
    pub const ANY: Self = Self(By::Any);

    /// Whether the selector selects a node.
    pub fn selects(&self, node: &Node) -> bool {
        match &self.0 {
            By::Any => true,
            By::Id(id) => **id == **node.id(),
            By::Address(address) => node.address() == Some(address),
            By::Resource(name) => node.has_resource(name),
            By::Label(key, None) => node.label(key).is_some(),
            By::Label(key, Some(value)) => node.label(key) == Some(value),
        }
    }
}

impl FromStr for Selector {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = || Error::BadSelector { given: text.to_owned() };
        if text.trim() == ANY {
            return Ok(Self::ANY);
        }
        let (name, value) = text.split_once('=').ok_or_else(bad)?;
        let value = value.trim();
        // Both of them end a selector in the text of a layout.
        if value.is_empty() || value.contains(ARROW) || value.contains(RULE_END) {
            return Err(bad());
        }
        let by = match name.trim() {
            ID => By::Id(value.into()),
            ADDRESS => By::Address(value.into()),
            RESOURCE => By::Resource(value.into()),
            LABEL => match value.split_once(':') {
                None => By::Label(value.into(), None),
                Some((key, _)) if key.trim().is_empty() => return Err(bad()),
                Some((key, value)) => By::Label(key.trim().into(), Some(value.trim().into())),
            },
            _ => return Err(bad()),
        };
        Ok(Self(by))
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            By::Any => f.write_str(ANY),
            By::Id(id) => write!(f, "{ID}={id}"),
            By::Address(address) => write!(f, "{ADDRESS}={address}"),
            By::Resource(name) => write!(f, "{RESOURCE}={name}"),
            By::Label(key, None) => write!(f, "{LABEL}={key}"),
            By::Label(key, Some(value)) => write!(f, "{LABEL}={key}:{value}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::node_record::NodeRecord;

    #[test]
    fn a_node_is_selected_by_its_properties() {
        let mut record = NodeRecord {
            address: Some("10.0.0.1".to_owned()),
            labels: [("zone", "a:b"), ("empty", "")].map(|(k, v)| (k.into(), v.into())).into(),
            ..NodeRecord::new("n", 4.0, 0.0, 1e9)
        };
        record.resources.insert("fast disk".to_owned(), 1.0);
        let node = Node::try_from(record).expect("valid");
        let selects = |text: &str| text.parse::<Selector>().expect(text).selects(&node);
        for text in [
            "*",
            "id=n",
            " address = 10.0.0.1 ",
            "resource=fast disk",
            "label=zone",
            "label=zone:a:b",
            "label=empty:",
        ] {
            assert!(selects(text), "{text}");
        }
        for text in [
            "id=m",
            "address=10.0.0.2",
            "resource=GPU",
            "label=rack",
            "label=zone:a",
            "label=zone:",
        ] {
            assert!(!selects(text), "{text}");
        }
    }

    #[test]
    fn another_text_is_not_a_selector() {
        for bad in ["", "n", "id=", "id", "name=n", "label=:a", "id=a;b", "id=a->b", "*=a"] {
            let text = bad.parse::<Selector>().expect_err(bad).to_string();
            assert!(text.contains(&format!("'{bad}'")) && text.contains("label=<key>"), "{text}");
        }
    }
}
