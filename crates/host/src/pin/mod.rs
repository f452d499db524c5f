//! Pins the threads of this process to CPUs: all of them, or none.

mod pin_threads;
mod pin_worker;
mod restore_affinity;

pub use pin_threads::pin;
pub use pin_worker::{Pin, pin_worker};
