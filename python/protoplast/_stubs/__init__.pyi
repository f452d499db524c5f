"""The stub of `protoplast._core`, a file for each topic. The package has no such modules at runtime."""
