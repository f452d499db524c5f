"""Records profiled queries as the driver sees them."""
