use std::collections::BTreeMap;
use std::num::NonZeroU32;

use serde::Deserialize;

use crate::error::Error;
use crate::node::Node;
use crate::numa::Numa;

/// The resource that Ray gives the head node (Daft's `get_head_node_id` reads the same key).
const HEAD: &str = "node:__internal_head__";

/// One entry of an inventory. Its keys are those of `ray.nodes()`, and two of our own.
#[derive(Deserialize)]
struct Reported {
    #[serde(rename = "NodeID")]
    id: String,
    #[serde(rename = "Alive", default = "alive")]
    alive: bool,
    /// A dead node reports none.
    #[serde(rename = "Resources", default)]
    resources: BTreeMap<String, f64>,
    #[serde(rename = "NodeManagerAddress")]
    address: Option<String>,
    #[serde(rename = "NodeManagerHostname")]
    hostname: Option<String>,
    #[serde(rename = "Labels", default)]
    labels: BTreeMap<String, String>,
    #[serde(rename = "NumaNodes", default)]
    numa: Vec<Numa>,
    #[serde(rename = "MaxWorkers")]
    max_workers: Option<NonZeroU32>,
}

fn alive() -> bool {
    true
}

/// Reads the nodes of a cluster from JSON: a list as `ray.nodes()` gives it.
///
/// A node may tell more than Ray does: under `NumaNodes` a list of its NUMA nodes, under `MaxWorkers` how
/// many workers it can start. Other keys are passed over.
///
/// # Errors
///
/// [`Error::BadInventory`] where it is no such list, and the errors of [`Node::new`].
pub fn nodes_from_json(text: &[u8]) -> Result<Vec<Node>, Error> {
    let reported: Vec<Reported> = serde_json::from_slice(text)
        .map_err(|error| Error::BadInventory { detail: error.to_string() })?;
    reported.into_iter().map(Reported::believed).collect()
}

impl Node {
    /// Validates one entry of `ray.nodes()` from its resources, by name; one that it does not report is 0.
    ///
    /// # Errors
    ///
    /// As for [`Node::new`].
    pub fn of_resources<'a>(
        id: &str,
        alive: bool,
        resources: impl Iterator<Item = (&'a str, f64)> + Clone,
    ) -> Result<Self, Error> {
        let amount = |name: &str| {
            resources.clone().find(|(other, _)| *other == name).map_or(0.0, |(_, amount)| amount)
        };
        let head = amount(HEAD) == 1.0;
        let node = Self::new(id, alive, head, amount("CPU"), amount("GPU"), amount("memory"))?;
        let names = resources.clone().filter(|(_, amount)| *amount > 0.0).map(|(name, _)| name);
        Ok(node.with_resources(names))
    }
}

impl Reported {
    fn believed(self) -> Result<Node, Error> {
        let resources = self.resources.iter().map(|(name, amount)| (name.as_str(), *amount));
        let mut node = Node::of_resources(&self.id, self.alive, resources)?
            .with_labels(self.labels)
            .with_numa(self.numa);
        if let Some(address) = &self.address {
            node = node.with_address(address);
        }
        if let Some(hostname) = &self.hostname {
            node = node.with_hostname(hostname);
        }
        Ok(match self.max_workers {
            Some(most) => node.with_max_workers(most),
            None => node,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Node>, Error> {
        nodes_from_json(text.as_bytes())
    }

    #[test]
    fn an_inventory_is_a_list_as_ray_gives_it() {
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
        assert!(a.is_head() && a.has_resource("GPU") && !a.has_resource("none"));
        assert_eq!((a.address(), a.label("zone")), (Some("10.0.0.1"), Some("b")));
        assert_eq!(a.numa(), [Numa { id: 1, cpus: 8, memory_bytes: 5 }]);
        assert_eq!(a.max_workers().map(NonZeroU32::get), Some(4));
        assert!(!dead.is_alive() && bare.is_alive() && !bare.is_usable() && !bare.is_head());
    }

    #[test]
    fn what_is_no_inventory_is_refused_on_one_line() {
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
        assert!(nodes_from_json(b"[\"\xff\"]").is_err());
        assert_eq!(read(r#"[{"NodeID": ""}]"#), Err(Error::EmptyNodeId));
        let negative = read(r#"[{"NodeID": "a", "Resources": {"CPU": -1}}]"#);
        assert!(matches!(negative, Err(Error::BadResource { resource: "CPU", .. })));
    }
}
