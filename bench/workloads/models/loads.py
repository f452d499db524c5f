"""A log of one turn, in which each model says when it is loaded and when it is first called."""

from __future__ import annotations

import os
from pathlib import Path

LOADED, CALLED = "loaded", "called"


def new_log(folder: Path) -> str:
    """Make an empty log, and return its path.

    It is the same in all turns of a process, because a user who runs a query again builds the model with
    the same arguments.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"loads-{os.getpid()}"
    path.write_text("")
    return str(path)


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
