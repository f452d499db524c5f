use clap::CommandFactory;

use crate::cluster_command::ClusterCommand;
use crate::command::{Command, Options};
use crate::error::Error;
use crate::generate::generated;
use crate::output::Output;
use crate::plan::shown;
use crate::surroundings::Surroundings;

/// The outcome of a command.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The command is done, and this is its output.
    Done(Output),
    /// The command needs a live cluster.
    NeedsCluster(ClusterCommand),
}

/// Decides the outcome of a command.
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
        Command::Generate(options) => {
            Outcome::Done(Output::of(generated(options.page, Options::command())))
        }
    })
}
