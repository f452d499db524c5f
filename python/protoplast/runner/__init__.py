"""What runs in the process of a runner actor: it starts the workers, serves and retires."""
