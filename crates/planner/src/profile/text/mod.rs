//! A profile as text: for a terminal, as JSON, and as trace events.

mod json;
pub(super) mod rows;
mod table;
mod trace;
pub(super) mod words;
