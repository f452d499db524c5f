"""What queries cost on fleets that are larger than this machine."""
