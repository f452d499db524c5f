"""How turns are taken and timed."""
