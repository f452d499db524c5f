//! A plan or a status as a picture: nodes as boxes, their workers inside, as a page of SVG.
//!
//! A [`figure::Figure`] knows its size and what is drawn in it. Workers, nodes and the page are figures
//! that are made of smaller ones, and [`document`] writes the last of them. The same plan, or
//! status, gives the same text.

mod arrange;
mod document;
mod figure;
mod plan_node;
mod plan_page;
mod plan_worker;
mod report_node;
mod report_page;
mod report_worker;
mod style;
mod text;

pub use plan_page::to_svg;
pub use report_page::status_to_svg;
