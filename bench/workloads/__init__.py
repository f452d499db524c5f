"""All workloads, by their family."""
