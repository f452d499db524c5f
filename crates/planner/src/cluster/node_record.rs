use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;

use serde::Deserialize;

use crate::cluster::numa::Numa;
use crate::error::Error;

/// One entry of an inventory, as Ray reports it. The keys are those of `ray.nodes()`, and two of protoplast's
/// own: `NumaNodes` and `MaxWorkers`. Other keys are ignored.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct NodeRecord {
    /// The `NodeID`.
    #[serde(rename = "NodeID")]
    pub id: Arc<str>,
    /// Whether the node is alive.
    #[serde(rename = "Alive", default = "alive")]
    pub alive: bool,
    /// The resources, by name. A dead node reports none.
    #[serde(rename = "Resources", default)]
    pub resources: BTreeMap<String, f64>,
    /// The address, if known.
    #[serde(rename = "NodeManagerAddress")]
    pub address: Option<String>,
    /// The name of the host, if known; an empty name counts as unknown.
    #[serde(rename = "NodeManagerHostname")]
    pub hostname: Option<String>,
    /// The labels, by key.
    #[serde(rename = "Labels", default)]
    pub labels: BTreeMap<String, String>,
    /// The NUMA nodes; empty if they are unknown.
    #[serde(rename = "NumaNodes", default)]
    pub numa: Vec<Numa>,
    /// The most workers that the node can start, if known.
    #[serde(rename = "MaxWorkers")]
    pub max_workers: Option<NonZeroU32>,
}

fn alive() -> bool {
    true
}

impl NodeRecord {
    /// Makes the record of a live node with these resources, of which nothing else is known. Memory is in
    /// bytes.
    pub fn new(id: &str, cpus: f64, gpus: f64, memory_bytes: f64) -> Self {
        let amounts = [("CPU", cpus), ("GPU", gpus), ("memory", memory_bytes)];
        Self {
            id: id.into(),
            alive: true,
            resources: amounts.map(|(name, amount)| (name.to_owned(), amount)).into(),
            address: None,
            hostname: None,
            labels: BTreeMap::new(),
            numa: Vec::new(),
            max_workers: None,
        }
    }

    /// Reads the nodes of a cluster from JSON: a list in the form of `ray.nodes()`.
    ///
    /// # Errors
    ///
    /// [`Error::BadInventory`] if the text is not such a list.
    pub fn read_all(text: &[u8]) -> Result<Vec<Self>, Error> {
        serde_json::from_slice(text)
            .map_err(|error| Error::BadInventory { detail: error.to_string() })
    }

    /// The amount of a resource; 0 if the node does not report the resource.
    pub(crate) fn amount(&self, name: &str) -> f64 {
        self.resources.get(name).copied().unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::node::Node;

    fn read(text: &str) -> Result<Vec<Node>, Error> {
        Node::read_all(text.as_bytes())
    }

    #[test]
    fn an_inventory_is_a_list_in_ray_s_form() {
        let text = r#"[
            {"NodeID": "a", "Alive": true, "NodeManagerAddress": "10.0.0.1", "alive": true,
             "Resources": {"CPU": 8, "GPU": 2.0, "memory": 32e9, "node:__internal_head__": 1.0,
                           "none": 0.0},
             "Labels": {"zone": "b"}, "MaxWorkers": 4,
             "NumaNodes": [{"id": 1, "cpus": 8, "memory_bytes": 5}]},
            {"NodeID": "dead", "Alive": false, "Resources": {}},
            {"NodeID": "bare"}
        ]"#;
        let nodes = read(text).expect("valid");
        let [a, dead, bare] = nodes.as_slice() else { panic!("three nodes") };
        assert_eq!((a.cpus(), a.gpus(), a.memory_bytes()), (8, 2, 32_000_000_000));
        assert!(a.has_resource("GPU") && !a.has_resource("none"));
        assert_eq!((a.address(), a.label("zone")), (Some("10.0.0.1"), Some("b")));
        assert_eq!(a.numa(), [Numa { id: 1, cpus: 8, memory_bytes: 5 }]);
        assert_eq!(a.max_workers().map(NonZeroU32::get), Some(4));
        assert!(!dead.is_alive() && bare.is_alive() && !bare.is_usable());
    }

    #[test]
    fn another_text_is_refused_on_one_line() {
        for (text, part) in [
            ("", "EOF while parsing"),
            ("{}", "invalid type: map"),
            ("[{}]", "missing field `NodeID` at line 1"),
            (r#"[{"NodeID": 3}]"#, "invalid type: integer `3`, expected a string"),
            (r#"[{"NodeID": "a", "Alive": "yes"}]"#, "expected a boolean"),
            (r#"[{"NodeID": "a", "Resources": {"CPU": "4"}}]"#, r#"string "4", expected f64"#),
            (r#"[{"NodeID": "a", "Resources": {"CPU": NaN}}]"#, "at line 1 column"),
            (r#"[{"NodeID": "a", "Labels": {"a": 3}}]"#, "expected a string"),
            (r#"[{"NodeID": "a", "NumaNodes": [{"id": 0}]}]"#, "missing field `cpus`"),
            (r#"[{"NodeID": "a", "MaxWorkers": 0}]"#, "expected a nonzero u32"),
            (r#"[{"NodeID": "a", "Alive": "x\n\u001b[31m"}]"#, "expected a boolean"),
            ("[{\"NodeID\": \"\u{fe}\"", "EOF"),
        ] {
            let message = read(text).expect_err(text).to_string();
            assert!(message.contains(part), "{message}");
            assert!(message.contains("ray.nodes()") && !message.contains('\n'), "{message}");
        }
        assert!(Node::read_all(b"[\"\xff\"]").is_err());
        assert_eq!(read(r#"[{"NodeID": ""}]"#), Err(Error::EmptyNodeId));
        let negative = read(r#"[{"NodeID": "a", "Resources": {"CPU": -1}}]"#);
        assert!(matches!(negative, Err(Error::BadResource { resource: "CPU", .. })));
    }
}
