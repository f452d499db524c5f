//! Says in plain sentences what would make a query faster or smaller, each from figures of its record.

pub(crate) mod all;
mod few_tasks;
pub(crate) mod gain;
mod gil;
mod hand_out;
mod result;
mod skew;
mod start;
