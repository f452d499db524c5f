"""Has systems take turns, and times each turn."""
