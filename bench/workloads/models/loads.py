"""A log of one turn, in which each model says when it is loaded and when it is first called."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

LOADED, CALLED = "loaded", "called"


def new_log(folder: Path) -> str:
    """Make an empty log, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    file, path = tempfile.mkstemp(dir=folder, prefix="loads-")
    os.close(file)
    return path


def record(log: str, event: str) -> None:
    """Append what has happened in this process, in one write, so that processes do not mix lines."""
    file = os.open(log, os.O_WRONLY | os.O_APPEND)
    try:
        os.write(file, f"{event} {os.getpid()}\n".encode())
    finally:
        os.close(file)


def counted(log: str) -> dict[str, int]:
    """Return the number of loads, and of processes in which a model was called, and remove the log."""
    path = Path(log)
    lines = path.read_text().splitlines()
    path.unlink()
    called = {line for line in lines if line.startswith(CALLED)}
    return {
        "loads": sum(line.startswith(LOADED) for line in lines),
        "processes": len(called),
    }
