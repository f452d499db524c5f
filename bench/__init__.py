"""Systems side by side, in turns, in one run: `python -m bench`, from the root of the checkout."""
