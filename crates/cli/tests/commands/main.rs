//! What each command prints, as it was when it was last read. `UPDATE_EXPECT=1` writes the files anew.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cluster_command;
mod doctor;
mod generate;
mod outputs;
mod parse;
mod plan;
mod run;
