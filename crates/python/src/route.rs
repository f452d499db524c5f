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
    let route = route_plan(plan_text, &as_layout(layout)?.0, &node::nodes(nodes)?, can_grow)?;
    Ok((Layout(route.layout), route.warning))
}

#[pyfunction]
pub fn can_grow(autoscaling_status: Option<&[u8]>) -> bool {
    let status = autoscaling_status.map(String::from_utf8_lossy);
    protoplast_layout::can_grow(status.as_deref())
}
