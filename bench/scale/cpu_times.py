"""The CPU time of a driver, of Daft's runner, of its workers and of Ray, read from /proc."""

from __future__ import annotations

import os
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def cpu_times() -> dict[str, float]:
    """Return the CPU seconds so far of this process and of what it has started, by their part."""
    parents: dict[int, int] = {}
    seconds: dict[int, float] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        pid = int(stat.parent.name)
        parents[pid] = int(fields[1])
        seconds[pid] = (int(fields[11]) + int(fields[12])) / TICKS_PER_S
    parts = {"driver": 0.0, "runner": 0.0, "workers": 0.0, "ray": 0.0}
    for pid, used in seconds.items():
        if descends(pid, parents):
            parts[part(pid)] += used
    return parts


def descends(pid: int, parents: dict[int, int]) -> bool:
    while pid != os.getpid():
        if pid not in parents:
            return False
        pid = parents[pid]
    return True


def part(pid: int) -> str:
    """Return the part of a process; Ray names its processes after the actor in them."""
    if pid == os.getpid():
        return "driver"
    try:
        command = Path(f"/proc/{pid}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return "ray"
    if not command.startswith("ray::"):
        return "ray"
    return "runner" if "FlotillaRunner" in command else "workers"
