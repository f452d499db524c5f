//! Properties that hold for every input, on inputs of any shape.
//!
//! `cargo test` runs a few hundred cases of each; `make fuzz` runs a million.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod cases;
mod clusters;
mod devices;
mod inventory;
mod layout_text;
mod layouts;
mod messages;
mod node_figures;
mod pictures;
mod plan_text;
mod planner;
mod route;
mod status;
