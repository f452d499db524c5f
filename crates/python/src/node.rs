use std::collections::BTreeMap;
use std::num::NonZeroU32;

use protoplast_planner::{Node, NodeRecord, Numa};
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyDict};

use crate::error::CoreError;

/// Reads nodes in the form of `ray.nodes()`.
pub fn nodes(given: &Bound<'_, PyAny>) -> Result<Vec<Node>, CoreError> {
    each(given)?.collect()
}

/// Reads each node by itself.
pub fn each(
    given: &Bound<'_, PyAny>,
) -> Result<impl Iterator<Item = Result<Node, CoreError>>, CoreError> {
    let wrong = || CoreError::wrong_type("nodes", "a list in the form of ray.nodes()", given);
    let items = given.try_iter().map_err(|_| wrong())?;
    Ok(items.map(move |item| node(&item.map_err(|_| wrong())?)))
}

/// Nodes, and of those that are not as they have to be the id, if it has one, and why.
type Valid = (Vec<Node>, Vec<(Option<String>, String)>);

/// Reads those of the nodes that are as they have to be.
pub fn valid_nodes(given: &Bound<'_, PyAny>) -> Result<Valid, CoreError> {
    let wrong = || CoreError::wrong_type("nodes", "a list as ray.nodes() gives it", given);
    let (mut valid, mut others) = (Vec::new(), Vec::new());
    for item in given.try_iter().map_err(|_| wrong())? {
        let item = item.map_err(|_| wrong())?;
        match node(&item) {
            Ok(node) => valid.push(node),
            Err(error) => {
                let id = item.get_item("NodeID").and_then(|id| id.extract()).ok();
                others.push((id, PyErr::from(error).value(item.py()).to_string()));
            }
        }
    }
    Ok((valid, others))
}

/// Reads one node in the form of `ray.nodes()`.
pub fn node(given: &Bound<'_, PyAny>) -> Result<Node, CoreError> {
    let wrong = |allowed| CoreError::wrong_type("a node", allowed, given);
    let fields = given.cast::<PyDict>().map_err(|_| wrong("a dict in the form of ray.nodes()"))?;
    Ok(record(fields).map_err(wrong)?.try_into()?)
}

/// Reads the record of a node; the error says what is allowed.
fn record(fields: &Bound<'_, PyDict>) -> Result<NodeRecord, &'static str> {
    let id: String = field(fields, "NodeID")
        .and_then(|id| id.extract().ok())
        .ok_or("a dict with a str under 'NodeID'")?;
    let alive = read(fields, "Alive", |alive| alive.extract().ok());
    let resources = match field(fields, "Resources") {
        None => BTreeMap::new(), // A dead node reports none.
        Some(all) if !all.is_instance_of::<PyDict>() => {
            return Err("a dict with a dict under 'Resources'");
        }
        Some(all) => by_name(&all).ok_or("a dict with numbers in 'Resources'")?,
    };
    let address = read(fields, "NodeManagerAddress", |text| text.extract().ok());
    let hostname = read(fields, "NodeManagerHostname", |text| text.extract().ok());
    let labels = read(fields, "Labels", |all| by_name(&all));
    let numa = read(fields, "NumaNodes", |all| numa(&all));
    let max_workers = read(fields, "MaxWorkers", |most| most.extract::<NonZeroU32>().ok());
    Ok(NodeRecord {
        id: id.into(),
        alive: alive.ok_or("a dict with a bool under 'Alive'")?.unwrap_or(true),
        resources,
        address: address.ok_or("a dict with a str under 'NodeManagerAddress'")?,
        hostname: hostname.ok_or("a dict with a str under 'NodeManagerHostname'")?,
        labels: labels.ok_or("a dict with a dict of strs under 'Labels'")?.unwrap_or_default(),
        numa: numa
            .ok_or(
                "a dict with a list of {'id': int, 'cpus': int, 'memory_bytes': int} under \
                 'NumaNodes'",
            )?
            .unwrap_or_default(),
        max_workers: max_workers.ok_or("a dict with a whole number above 0 under 'MaxWorkers'")?,
    })
}

fn field<'py>(fields: &Bound<'py, PyDict>, name: &str) -> Option<Bound<'py, PyAny>> {
    fields.get_item(name).ok().flatten()
}

/// Reads a field that may be absent: returns `Some(None)` if it is absent, and None if it has another type.
fn read<'py, T>(
    fields: &Bound<'py, PyDict>,
    name: &str,
    as_type: impl Fn(Bound<'py, PyAny>) -> Option<T>,
) -> Option<Option<T>> {
    field(fields, name).map_or(Some(None), |given| as_type(given).map(Some))
}

fn by_name<'py, K, V, C>(given: &Bound<'py, PyAny>) -> Option<C>
where
    K: FromPyObjectOwned<'py>,
    V: FromPyObjectOwned<'py>,
    C: FromIterator<(K, V)>,
{
    let read = |(key, value): (Bound<'py, PyAny>, Bound<'py, PyAny>)| {
        Some((key.extract().ok()?, value.extract().ok()?))
    };
    given.cast::<PyDict>().ok()?.iter().map(read).collect()
}

fn numa(given: &Bound<'_, PyAny>) -> Option<Vec<Numa>> {
    let read = |one: Bound<'_, PyAny>| {
        let fields = one.cast::<PyDict>().ok()?;
        Some(Numa {
            id: field(fields, "id")?.extract().ok()?,
            cpus: field(fields, "cpus")?.extract().ok()?,
            memory_bytes: field(fields, "memory_bytes")?.extract().ok()?,
        })
    };
    given.try_iter().ok()?.map(|one| read(one.ok()?)).collect()
}
