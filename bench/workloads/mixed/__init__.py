"""Joins and groupbys of Daft with a UDF of pure Python."""
