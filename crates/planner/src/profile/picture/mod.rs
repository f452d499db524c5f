//! Draws a profile as a page of SVG: a lane for each slot, folded into bands if there are many.

mod axis;
pub(super) mod blocks;
pub(super) mod colours;
mod lanes;
pub(super) mod looks;
mod page;
mod parts;
pub(super) mod rows;
