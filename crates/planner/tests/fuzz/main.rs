//! What holds for every input, over inputs of any shape.
//!
//! `cargo test` tries a few hundred of each; `make fuzz` tries a million.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod cases;
mod clusters;
mod devices;
mod inventory;
mod layout_text;
mod layouts;
mod long_plans;
mod messages;
mod mutated_plans;
mod node_figures;
mod pictures;
mod planner;
mod route;
mod seeds;
mod status;
mod written_plans;
