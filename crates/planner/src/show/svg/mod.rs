//! Draws a plan or a status as a page of SVG: nodes are boxes with their workers inside.
//!
//! A [`figure::Figure`] knows its size and its shapes. Workers, nodes and the page are figures that are made of
//! smaller ones, and [`document`] writes the page. The same plan or status always gives the same text.

pub(crate) mod arrange;
pub(crate) mod document;
pub(crate) mod figure;
mod plan_node;
mod plan_page;
mod plan_worker;
mod report_node;
mod report_page;
mod report_worker;
pub(crate) mod style;
pub(crate) mod text;

pub use plan_page::to_svg;
pub use report_page::status_to_svg;
