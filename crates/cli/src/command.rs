use clap::{Parser, Subcommand};

use crate::doctor::DoctorOptions;
use crate::generate::GenerateOptions;
use crate::names::NAME;
use crate::plan::PlanOptions;
use crate::status::StatusOptions;

/// The right workers for Daft on Ray.
#[derive(Debug, Parser)]
#[command(name = NAME, version, term_width = 80)]
#[command(disable_help_subcommand = true, arg_required_else_help = false)]
pub(crate) struct Options {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The subcommand.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum Command {
    /// Show what a layout would do, without touching anything
    Plan(PlanOptions),
    /// Show the workers that run in a cluster
    Status(StatusOptions),
    /// Check this environment, and with --address every node of a cluster
    Doctor(DoctorOptions),
    /// Print shell completions or the manual page
    Generate(GenerateOptions),
}

impl Command {
    /// Whether the command reads the standard input.
    pub fn reads_stdin(&self) -> bool {
        matches!(self, Self::Plan(options) if options.reads_stdin())
    }
}
