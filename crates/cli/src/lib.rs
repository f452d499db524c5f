//! The command `protoplast`.
//!
//! [`parse()`] turns arguments into a typed [`Command`], once. [`run()`] decides what it comes to: an
//! [`Output`] to be printed, or a command that needs a live cluster, which is not reached from here.
//! Nothing here prints.

mod comparison;
mod error;
mod generate;
mod json;
mod options;
mod outcome;
mod parse;
mod run;
mod source;
mod table;

pub use error::Error;
pub use options::{
    Command, DoctorOptions, Format, GenerateOptions, Page, PlanFormat, PlanOptions, StatusOptions,
};
pub use outcome::{ClusterCommand, Outcome, Output};
pub use parse::parse;
pub use run::{LAYOUT_VARIABLE, Surroundings, run};
