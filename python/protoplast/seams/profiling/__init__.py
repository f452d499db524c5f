"""The names of Daft by which a query is recorded while it runs."""
