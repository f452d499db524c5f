//! The command `protoplast`.
//!
//! [`parse()`] turns arguments into a typed [`Command`], once. [`run()`] decides its outcome: an [`Output`] to
//! print, or a command that needs a live cluster. This crate does not reach a cluster: Python gathers the facts
//! and passes them to [`ClusterCommand::answer`], which decides again. Nothing here prints.

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
