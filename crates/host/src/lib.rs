//! What is asked of the operating system, on Linux. No other crate asks it anything.

mod process;

pub use process::parent_variable;
