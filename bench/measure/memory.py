"""The memory that all processes of a system hold at once, at its highest."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from bench.processes.cgroup import Cgroup

LOOK_S = 0.1
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class Peak:
    """The highest sum so far, in bytes; None if nothing was measured."""

    def __init__(self) -> None:
        self.most: int | None = None

    def watch(self, group: Cgroup, is_over: threading.Event) -> None:
        while True:
            self.most = max(self.most or 0, private_bytes(group.pids()))
            if is_over.wait(LOOK_S):
                return

    @property
    def mb(self) -> int | None:
        return None if self.most is None else round(self.most / 10**6)


@contextlib.contextmanager
def peak_of(group: Cgroup | None) -> Iterator[Peak]:
    """Measure the processes of a cgroup in a block, if there is one."""
    peak = Peak()
    if group is None:
        yield peak
        return
    is_over = threading.Event()
    watcher = threading.Thread(target=peak.watch, args=(group, is_over))
    watcher.start()
    try:
        yield peak
    finally:
        is_over.set()
        watcher.join()


def private_bytes(pids: list[int]) -> int:
    """Return the resident memory of processes without what they share: libraries and Ray's object store.

    PSS would divide the shared memory between them, but to read it from 13 processes takes 50 ms of CPU
    time, and this takes 0.3 ms.
    """
    total = 0
    for pid in pids:
        # It may have ended.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            _, resident, shared, *_ = Path(f"/proc/{pid}/statm").read_text().split()
            total += int(resident) - int(shared)
    return total * PAGE_BYTES
