//! `protoplast generate`: prints completions and the manual page.

mod options;
mod pages;

pub use options::{GenerateOptions, Page};
pub(crate) use pages::generated;
