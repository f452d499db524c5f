use protoplast_planner::{Layout, Node};
use serde_json::Value;

use crate::doctor::{self, DoctorOptions};
use crate::error::Error;
use crate::gathered::Gathered;
use crate::output::Output;
use crate::plan::{PlanOptions, few_enough, shown};
use crate::status::{Fleets, Format, StatusOptions};

/// A command that needs a live cluster, with its options.
#[derive(Debug, Clone, PartialEq)]
pub enum ClusterCommand {
    /// A plan for the nodes of a cluster, under a layout.
    Plan(PlanOptions, Layout),
    /// The workers of a cluster.
    Status(StatusOptions),
    /// A check of this environment, and of a cluster if it has an address, for a layout.
    Doctor(DoctorOptions, Layout),
}

impl ClusterCommand {
    /// The layout that the nodes are asked about; None if no plan is made.
    pub fn layout(&self) -> Option<&Layout> {
        match self {
            Self::Plan(_, layout) | Self::Doctor(_, layout) => Some(layout),
            Self::Status(_) => None,
        }
    }

    /// Decides what is printed, from what was gathered: JSON, in the form `{"found": ...}` or `{"unreachable":
    /// {"cause": ..., "address": ..., "message": ...}}`.
    ///
    /// For a plan `found` holds the nodes, in the form of `ray.nodes()`; for a status `Fleets`. The facts of
    /// a doctor say themselves whether there is a cluster.
    pub fn answer(&self, gathered: &str) -> Output {
        match self.answered(gathered) {
            Ok(output) => output,
            Err(error) => Output::from(error),
        }
    }

    fn answered(&self, gathered: &str) -> Result<Output, Error> {
        Ok(match self {
            Self::Plan(options, layout) => {
                let nodes = Gathered::<Value>::read(gathered)?.found()?;
                let nodes = few_enough(Node::read_all(nodes.to_string().as_bytes())?)?;
                Output::of(shown(&nodes, layout, options.format)?)
            }
            Self::Status(options) => {
                let fleets = Gathered::<Fleets>::read(gathered)?.found()?;
                Output::of(match options.format {
                    Format::Table => fleets.to_table(),
                    Format::Json => fleets.to_json(),
                })
            }
            Self::Doctor(_, layout) => doctor::report(gathered, layout)?,
        })
    }
}
