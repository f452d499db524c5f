"""Work that holds the GIL, in all systems."""
