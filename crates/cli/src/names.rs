//! What the command and its variable are called.

/// The name of the program.
pub(crate) const NAME: &str = "protoplast";

/// The environment variable with the layout where none is given.
pub const LAYOUT_VARIABLE: &str = "PROTOPLAST_LAYOUT";
