"""Code that runs in the process of a worker, and in tasks on its node."""
