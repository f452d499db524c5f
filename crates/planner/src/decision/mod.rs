//! Decides on which workers a query runs, and into how many tasks its scans are split or merged.

pub(crate) mod choose_layout;
pub(crate) mod decide;
pub(crate) mod fit;
pub(crate) mod hint;
pub(crate) mod light_python;
pub(crate) mod narrowest;
pub(crate) mod one_worker;
pub(crate) mod outcome;
pub(crate) mod process_limits;
pub(crate) mod scan_steps;
pub(crate) mod scan_tuner;
pub(crate) mod scans;
mod task_slots;
