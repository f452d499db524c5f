use protoplast_layout::route_plan;
use pyo3::prelude::*;
use pyo3::types::PyAny;

use crate::error::CoreError;
use crate::layout::{Layout, as_layout};
use crate::node;

#[pyfunction]
pub fn route(
    layout: &Bound<'_, PyAny>,
    plan_text: &str,
    nodes: &Bound<'_, PyAny>,
    can_grow: bool,
) -> Result<(Layout, Option<String>), CoreError> {
    let route = route_plan(plan_text, as_layout(layout)?.0, &node::nodes(nodes)?, can_grow)?;
    Ok((Layout(route.layout), route.warning))
}
