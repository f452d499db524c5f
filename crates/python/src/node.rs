use protoplast_layout::Node;
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyDict};

use crate::error::CoreError;

/// The resource that Ray gives the head node (Daft's `get_head_node_id` reads the same key).
const HEAD: &str = "node:__internal_head__";

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
        None => None,
        Some(resources) => Some(
            resources
                .cast_into::<PyDict>()
                .map_err(|_| wrong("a dict with a dict under 'Resources'"))?,
        ),
    };
    let amount =
        |name: &str| match resources.as_ref().and_then(|all| all.get_item(name).ok().flatten()) {
            None => Ok(0.0),
            Some(amount) => {
                amount.extract::<f64>().map_err(|_| wrong("a dict with numbers in 'Resources'"))
            }
        };
    let head = amount(HEAD)? == 1.0;
    Ok(Node::new(&id, alive, head, amount("CPU")?, amount("GPU")?, amount("memory")?)?)
}
