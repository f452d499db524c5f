//! What each command prints, held against golden files. `UPDATE_EXPECT=1` updates the files.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cluster_command;
mod doctor;
mod generate;
mod outputs;
mod parse;
mod plan;
mod run;
