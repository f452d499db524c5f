"""Compares systems in one run, in turns: `python -m bench`, from the root of the checkout."""
