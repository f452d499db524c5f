//! The command `protoplast`.
