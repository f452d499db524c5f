//! The instances of class UDFs, such as loaded models: which workers build one, and how many fit a node.

pub mod admission;
mod demand;
pub mod footprint;
mod mean;
mod node_queue;
pub mod room;
pub mod scarce;
mod worker;
