use std::num::NonZeroU32;

use protoplast_planner::{Node, Numa};
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyDict};

/// Adds to a node what it may tell of itself; fails with what is allowed.
///
/// The address, the name of the host and the labels are Ray's; the NUMA nodes and the most workers have keys of our own.
pub fn told(mut node: Node, fields: &Bound<'_, PyDict>) -> Result<Node, &'static str> {
    let field = |name| fields.get_item(name).ok().flatten();
    if let Some(address) = field("NodeManagerAddress") {
        let address: Option<String> = address.extract().ok();
        node = node.with_address(&address.ok_or("a dict with a str under 'NodeManagerAddress'")?);
    }
    if let Some(hostname) = field("NodeManagerHostname") {
        let hostname: Option<String> = hostname.extract().ok();
        node =
            node.with_hostname(&hostname.ok_or("a dict with a str under 'NodeManagerHostname'")?);
    }
    if let Some(given) = field("Labels") {
        node = node.with_labels(labels(&given).ok_or("a dict with a dict of strs under 'Labels'")?);
    }
    if let Some(given) = field("NumaNodes") {
        node = node.with_numa(numa(&given).ok_or(
            "a dict with a list of {'id': int, 'cpus': int, 'memory_bytes': int} under 'NumaNodes'",
        )?);
    }
    if let Some(given) = field("MaxWorkers") {
        let most: Option<NonZeroU32> = given.extract().ok();
        let allowed = "a dict with a whole number above 0 under 'MaxWorkers'";
        node = node.with_max_workers(most.ok_or(allowed)?);
    }
    Ok(node)
}

fn labels(given: &Bound<'_, PyAny>) -> Option<Vec<(String, String)>> {
    let read = |(key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
        Some((key.extract().ok()?, value.extract().ok()?))
    };
    given.cast::<PyDict>().ok()?.iter().map(read).collect()
}

fn numa(given: &Bound<'_, PyAny>) -> Option<Vec<Numa>> {
    let read = |one: Bound<'_, PyAny>| {
        let fields = one.cast::<PyDict>().ok()?;
        let field = |name| fields.get_item(name).ok().flatten();
        Some(Numa {
            id: field("id")?.extract().ok()?,
            cpus: field("cpus")?.extract().ok()?,
            memory_bytes: field("memory_bytes")?.extract().ok()?,
        })
    };
    given.try_iter().ok()?.map(|one| read(one.ok()?)).collect()
}
