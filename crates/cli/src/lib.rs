//! The command `protoplast`.
//!
//! [`parse()`] turns arguments into a typed [`Command`], once. [`run()`] decides what it comes to: an
//! [`Output`] to be printed, or a command that needs a live cluster, which is not reached from here; what
//! was gathered there is given to [`ClusterCommand::answer`], which decides again.
//! Nothing here prints.

mod cluster_command;
mod command;
mod doctor;
mod error;
mod gathered;
mod generate;
mod limits;
mod names;
mod output;
mod parse;
mod plan;
mod run;
mod short_id;
mod status;
mod surroundings;
mod unreachable;

pub use cluster_command::ClusterCommand;
pub use command::Command;
pub use doctor::DoctorOptions;
pub use error::Error;
pub use generate::{GenerateOptions, Page};
pub use names::LAYOUT_VARIABLE;
pub use output::Output;
pub use parse::parse;
pub use plan::{PlanFormat, PlanOptions};
pub use run::{Outcome, run};
pub use status::{Format, StatusOptions};
pub use surroundings::Surroundings;
