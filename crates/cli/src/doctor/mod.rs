//! `protoplast doctor`: checks the facts that were gathered, and reports findings with remedies.

mod amount;
mod facts;
mod finding;
mod here_checks;
mod machine_checks;
mod node_checks;
mod options;
mod report;
mod shared_machine;

pub use options::DoctorOptions;
use protoplast_planner::Layout;

use crate::doctor::facts::Facts;
use crate::error::Error;
use crate::gathered::Gathered;
use crate::output::Output;

/// Reports the findings in the facts, for workers under a layout.
pub(crate) fn report(facts: &str, layout: &Layout) -> Result<Output, Error> {
    let Facts { here, cluster } = Gathered::<Facts>::read(facts)?.found()?;
    let mut findings = here.findings();
    match cluster {
        None => findings.extend(here.machine.findings("here")),
        Some(Gathered::Unreachable(unreachable)) => findings.push(unreachable.into()),
        Some(Gathered::Found(nodes)) => {
            findings.extend(node_checks::findings(&here.installed, &nodes, layout)?);
        }
    }
    Ok(report::output(&findings))
}
