"""Records the tasks of profiled queries in the process of a runner."""
