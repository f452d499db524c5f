"""Gathers what the command `protoplast` wants to know about a live cluster. Rust judges the facts."""
