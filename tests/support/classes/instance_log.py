"""A file in which the class UDFs of tests write what happens to their instances, in whatever process.

A line holds an event, a name and the id of the process. The events are `load`, `call` (the first one of
an instance) and `free`.
"""

from __future__ import annotations

import os
import weakref
from pathlib import Path
from typing import Any


class InstanceLog:
    """The log of one query, or of several.

    Args:
        path: The file.
    """

    def __init__(self, path: str) -> None:
        self.path = path

    def note(self, event: str, name: str = "it") -> None:
        """Append a line. Lines of several processes do not mix, because each is written at once."""
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        try:
            os.write(file, f"{event} {name} {os.getpid()}\n".encode())
        finally:
            os.close(file)

    def watch(self, instance: Any, name: str = "it") -> None:
        """Note that an instance is loaded, and later that it is free."""
        self.note("load", name)
        weakref.finalize(instance, self.note, "free", name).atexit = False

    def pids(self, event: str) -> list[int]:
        """Return the process of each line with an event."""
        return [int(pid) for of, _, pid in self._lines() if of == event]

    def names(self, event: str) -> list[str]:
        """Return the name in each line with an event."""
        return [name for of, name, _ in self._lines() if of == event]

    def count(self, event: str) -> int:
        """Return how many lines have an event."""
        return len(self.pids(event))

    def _lines(self) -> list[list[str]]:
        path = Path(self.path)
        return [line.split() for line in path.read_text().splitlines()] if path.exists() else []
