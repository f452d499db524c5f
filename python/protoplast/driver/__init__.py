"""What runs in the driver: the patch, which workers each query runs on and the fleets."""
