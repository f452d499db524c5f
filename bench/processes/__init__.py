"""Starts the processes of a run: Ray clusters, systems and cold starts. Can freeze and thaw them."""
