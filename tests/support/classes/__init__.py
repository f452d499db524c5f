"""Class UDFs, and what becomes of their instances."""
