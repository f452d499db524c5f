"""What a run starts: a Ray cluster, the systems on it, cold starts; and how they are held still."""
