use clap::{Args, ValueEnum};

/// The options of `status`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct StatusOptions {
    /// The cluster's address [default: as Ray finds it]
    #[arg(long, value_name = "ADDRESS")]
    pub address: Option<String>,

    /// Show the status again and again, until interrupted
    #[arg(long)]
    pub watch: bool,

    /// A table for people, or json
    #[arg(long, value_enum, default_value_t = Format::Table, hide_possible_values = true)]
    pub format: Format,
}

/// How a status is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Table,
    /// For programs
    Json,
}
