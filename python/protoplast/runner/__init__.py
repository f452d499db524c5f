"""Code that runs in the process of a runner actor: it starts workers, serves queries and retires."""
