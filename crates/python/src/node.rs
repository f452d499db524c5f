use protoplast_planner::Node;
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyDict};

use crate::error::CoreError;
use crate::told::told;

/// Reads nodes of the shape of `ray.nodes()`.
pub fn nodes(given: &Bound<'_, PyAny>) -> Result<Vec<Node>, CoreError> {
    let wrong = || CoreError::wrong_type("nodes", "a list as ray.nodes() gives it", given);
    let items = given.try_iter().map_err(|_| wrong())?;
    items.map(|item| node(&item.map_err(|_| wrong())?)).collect()
}

fn node(given: &Bound<'_, PyAny>) -> Result<Node, CoreError> {
    let wrong = |allowed| CoreError::wrong_type("a node", allowed, given);
    let fields = given.cast::<PyDict>().map_err(|_| wrong("a dict as ray.nodes() gives it"))?;
    let field = |name| fields.get_item(name).ok().flatten();
    let id: String = field("NodeID")
        .and_then(|id| id.extract().ok())
        .ok_or_else(|| wrong("a dict with a str under 'NodeID'"))?;
    let alive = match field("Alive") {
        None => true,
        Some(alive) => alive.extract().map_err(|_| wrong("a dict with a bool under 'Alive'"))?,
    };
    // A dead node reports no resources.
    let resources = match field("Resources") {
        None => Vec::new(),
        Some(resources) => {
            let all = resources
                .cast_into::<PyDict>()
                .map_err(|_| wrong("a dict with a dict under 'Resources'"))?;
            amounts(&all).ok_or_else(|| wrong("a dict with numbers in 'Resources'"))?
        }
    };
    let by_name = resources.iter().map(|(name, amount)| (name.as_str(), *amount));
    let node = Node::of_resources(&id, alive, by_name)?;
    told(node, fields).map_err(wrong)
}

fn amounts(resources: &Bound<'_, PyDict>) -> Option<Vec<(String, f64)>> {
    let read = |(name, amount): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
        Some((name.extract().ok()?, amount.extract().ok()?))
    };
    resources.iter().map(read).collect()
}
