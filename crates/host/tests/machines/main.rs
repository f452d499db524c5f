//! The crate on machines held in memory: trees of files as the kernel shows them, in `tests/trees`, and
//! machines of any shape made up by proptest.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod assigned;
mod cgroups;
mod invariants;
mod lists;
mod machine;
mod open_files;
mod parents;
mod pinned;
mod recorded;
mod recorded_machines;
mod reports;
mod thread_names;
mod topologies;
