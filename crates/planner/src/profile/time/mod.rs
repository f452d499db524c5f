//! What each slot did at each moment.

pub(crate) mod assign;
pub(crate) mod idle;
pub(crate) mod lanes;
pub(crate) mod placed;
pub(crate) mod state;
