//! A plan as a picture: nodes as boxes, their workers inside, as a page of SVG.
//!
//! A [`figure::Figure`] knows its size and what is drawn in it. Workers, nodes and the page are figures
//! that are made of smaller ones, and [`svg`] writes the last of them. The same plan gives the same text.

mod figure;
mod node;
mod page;
mod place;
mod style;
mod svg;
mod text;
mod worker;

pub use page::to_svg;
