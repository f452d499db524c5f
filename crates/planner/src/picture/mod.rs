//! A plan or a status as a picture: nodes as boxes, their workers inside, as a page of SVG.
//!
//! A [`figure::Figure`] knows its size and what is drawn in it. Workers, nodes and the page are figures
//! that are made of smaller ones, and [`svg`] writes the last of them. The same plan, or
//! status, gives the same text.

mod figure;
mod live_node;
mod live_page;
mod live_worker;
mod node;
mod page;
mod place;
mod style;
mod svg;
mod text;
mod worker;

pub use live_page::status_to_svg;
pub use page::to_svg;
