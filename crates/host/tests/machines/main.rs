//! The crate on machines in memory: trees of files as the kernel shows them, in `tests/trees`, and machines of
//! any shape made up by proptest.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod assign;
mod cpu_set;
mod machine;
mod pin;
mod read;
mod recorded;
