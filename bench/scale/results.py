"""Writes the points of a measurement."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def write(points: list[dict[str, Any]], file: Path) -> None:
    """Write the points as JSON, each on a line of its own."""
    file.write_text("[\n" + ",\n".join(map(json.dumps, points)) + "\n]\n")
