//! The names of the command and of its environment variable.

/// The name of the program.
pub(crate) const NAME: &str = "protoplast";

/// The environment variable with the layout, used if no layout is given.
pub const LAYOUT_VARIABLE: &str = "PROTOPLAST_LAYOUT";
