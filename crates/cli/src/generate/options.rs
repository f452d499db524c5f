use clap::{Args, ValueEnum};
use clap_complete::Shell;

/// The options of `generate`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct GenerateOptions {
    /// Completions for bash, fish or zsh, or the manual page: man
    #[arg(value_enum, hide_possible_values = true)]
    pub page: Page,
}

/// What can be generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Page {
    /// Completions for bash
    Bash,
    /// Completions for fish
    Fish,
    /// Completions for zsh
    Zsh,
    /// The manual page, followed by those of all subcommands
    Man,
}

impl Page {
    /// The shell that the completions are for.
    pub(crate) fn shell(self) -> Option<Shell> {
        match self {
            Self::Bash => Some(Shell::Bash),
            Self::Fish => Some(Shell::Fish),
            Self::Zsh => Some(Shell::Zsh),
            Self::Man => None,
        }
    }
}
