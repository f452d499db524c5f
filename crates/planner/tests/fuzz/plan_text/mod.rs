//! The text of a plan, as Daft writes it.

mod long_plans;
mod mutated_plans;
mod seeds;
mod written_plans;
