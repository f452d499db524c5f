"""Whole queries, each of which runs as one task on one of Daft's workers."""
