"""Code that runs in the driver: the patch, the routing of queries, and the fleets."""
