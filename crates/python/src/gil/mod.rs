//! Watches the GIL of this process.

mod probe;
mod thread;

pub use probe::{Counters, GilProbe, GilWindow, gil_window, of_tuple};
