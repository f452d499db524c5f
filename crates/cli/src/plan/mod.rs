//! `protoplast plan`: shows what a layout would do, compared with stock Daft.

mod comparison;
mod json;
mod nodes;
mod options;
mod show;
mod table;

pub(crate) use nodes::few_enough;
pub use options::{PlanFormat, PlanOptions};
pub(crate) use show::shown;
