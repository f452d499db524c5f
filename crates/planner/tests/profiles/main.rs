//! Profiles as tables, pictures, pages and traces: what they show, their form, and their size.
//!
//! `UPDATE_EXPECT=1` updates the expected texts; check the new texts before you commit them.
//! `cargo test -p protoplast-planner --test profiles -- --ignored` writes pictures into `target/profiles`, to be
//! looked at in a browser, those of the profiles too that were saved there as JSON.

#![allow(clippy::expect_used, clippy::indexing_slicing)]

mod escapes;
mod pages;
mod pictures;
mod records;
mod sizes;
mod texts;
