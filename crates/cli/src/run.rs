use std::collections::HashMap;
use std::ffi::OsString;

use protoplast_planner::{Layout, Node, plan, to_svg};

use crate::comparison::Comparison;
use crate::error::Error;
use crate::generate::generated;
use crate::options::{Command, PlanFormat};
use crate::outcome::{ClusterCommand, Outcome, Output};

/// The environment variable with the layout where none is given.
pub const LAYOUT_VARIABLE: &str = "PROTOPLAST_LAYOUT";

/// What a command may ask of its surroundings.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The standard input; empty unless [`Command::reads_stdin`].
    pub stdin: Vec<u8>,
    /// The environment variables.
    pub environment: HashMap<OsString, OsString>,
}

impl Command {
    /// Whether the standard input has to be read for it.
    pub fn reads_stdin(&self) -> bool {
        matches!(self, Self::Plan(options) if options.reads_stdin())
    }
}

/// Decides what a command comes to.
pub fn run(command: Command, surroundings: &Surroundings) -> Outcome {
    decided(command, surroundings).unwrap_or_else(|error| Outcome::Done(Output::from(error)))
}

fn decided(command: Command, surroundings: &Surroundings) -> Result<Outcome, Error> {
    Ok(match command {
        Command::Plan(options) => {
            let layout = match &options.layout {
                Some(layout) => layout.clone(),
                None => surroundings.layout()?,
            };
            if options.address.is_some() {
                return Ok(Outcome::NeedsCluster(ClusterCommand::Plan(options, layout)));
            }
            let nodes = options.nodes(&surroundings.stdin)?;
            Outcome::Done(Output::of(shown(&nodes, &layout, options.format)?))
        }
        Command::Status(options) => Outcome::NeedsCluster(ClusterCommand::Status(options)),
        Command::Doctor(options) => {
            Outcome::NeedsCluster(ClusterCommand::Doctor(options, surroundings.layout()?))
        }
        Command::Generate(options) => Outcome::Done(Output::of(generated(options.page))),
    })
}

/// A plan for these nodes, as it is to be printed.
pub(crate) fn shown(nodes: &[Node], layout: &Layout, format: PlanFormat) -> Result<String, Error> {
    let plan = plan::<&str>(nodes, layout, &[])?;
    Ok(match format {
        PlanFormat::Table => Comparison::new(nodes, &plan).to_table(),
        PlanFormat::Json => Comparison::new(nodes, &plan).to_json(),
        PlanFormat::Svg => to_svg(&plan, nodes),
    })
}

impl Surroundings {
    /// The layout where none is given.
    fn layout(&self) -> Result<Layout, Error> {
        match self.environment.get(&OsString::from(LAYOUT_VARIABLE)) {
            None => Ok(Layout::default()),
            Some(text) => text.to_string_lossy().parse().map_err(Error::BadVariable),
        }
    }
}
