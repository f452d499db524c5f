//! The command `protoplast`.
//!
//! [`parse()`] turns arguments into a typed [`Command`], once. [`run()`] decides what it comes to: an
//! [`Output`] to be printed, or a command that needs a live cluster, which is not reached from here; what
//! was gathered there is given to [`ClusterCommand::answer`], which decides again.
//! Nothing here prints.

mod answer;
mod comparison;
mod doctor;
mod error;
mod fleets;
mod fleets_table;
mod gathered;
mod generate;
mod json;
mod options;
mod outcome;
mod parse;
mod run;
mod short_id;
mod source;
mod table;
mod unreachable;

pub use error::Error;
pub use options::{
    Command, DoctorOptions, Format, GenerateOptions, Page, PlanFormat, PlanOptions, StatusOptions,
};
pub use outcome::{ClusterCommand, Outcome, Output};
pub use parse::parse;
pub use run::{LAYOUT_VARIABLE, Surroundings, run};
