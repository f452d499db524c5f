//! How a process uses its GIL, from a thread that asks for it at random moments.

pub(crate) mod counters;
pub(crate) mod gaps;
pub(crate) mod look;
