//! Holds the benchmark in `benches/`; nothing to use here.
