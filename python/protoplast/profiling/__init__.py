"""Profiles of queries: where the time of their slots went."""
