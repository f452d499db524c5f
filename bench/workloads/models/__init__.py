"""Classes that load a model, in all systems."""
