"""Profiles of queries on real Daft and Ray."""
