"""Writes what a run has measured, as files, tables and pictures."""
