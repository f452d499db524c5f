"""The stub of `protoplast._core`, one file per topic. The package has no such modules at runtime."""
