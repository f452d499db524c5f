use protoplast_planner::{Layout, Node, plan, to_svg};

use crate::error::Error;
use crate::plan::comparison::Comparison;
use crate::plan::options::PlanFormat;

/// Plans for these nodes and formats the plan.
pub(crate) fn shown(nodes: &[Node], layout: &Layout, format: PlanFormat) -> Result<String, Error> {
    let plan = plan::<&str>(nodes, layout, &[])?;
    Ok(match format {
        PlanFormat::Table => Comparison::new(nodes, &plan).to_table(),
        PlanFormat::Json => Comparison::new(nodes, &plan).to_json(),
        PlanFormat::Svg => to_svg(&plan, nodes),
    })
}
