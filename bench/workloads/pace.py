"""The CPU time that the Python code of a workload takes, whichever processes of a system run it.

It is the same code on the same input in all systems. Where it takes longer the machine is slower, since
others share its silicon; what a system does beside it does not count.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import struct
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

# The folder where each process keeps its sum; all that a run starts has it in its environment.
VARIABLE = "BENCH_PACE"
SECONDS = struct.Struct("d")


@contextlib.contextmanager
def counted() -> Iterator[None]:
    """Have all processes that are started in a block count their Python code."""
    with tempfile.TemporaryDirectory(prefix="bench-pace-") as folder:
        os.environ[VARIABLE] = folder
        try:
            yield
        finally:
            del os.environ[VARIABLE]


@contextlib.contextmanager
def python_code() -> Iterator[None]:
    """Count the CPU time of this thread in a block, in a run that counts it."""
    if VARIABLE not in os.environ:
        yield
        return
    began = time.thread_time()
    try:
        yield
    finally:
        OWN.add(time.thread_time() - began)


def spent() -> float:
    """The seconds of all processes so far, those that have ended among them."""
    nothing = bytes(SECONDS.size)
    # A file that a process has just made is empty.
    sums = [file.read_bytes() or nothing for file in Path(os.environ[VARIABLE]).iterdir()]
    return float(sum(SECONDS.unpack(seconds)[0] for seconds in sums))


class Sum:
    """The seconds of this process, in a file that outlives it and that others can read."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.pid = 0
        self.memory = mmap.mmap(-1, SECONDS.size)

    def add(self, seconds: float) -> None:
        with self.lock:
            if self.pid != os.getpid():  # A fork has the sum of its parent.
                self.begin()
            (so_far,) = SECONDS.unpack_from(self.memory)
            SECONDS.pack_into(self.memory, 0, so_far + seconds)

    def begin(self) -> None:
        self.pid = os.getpid()
        file, _ = tempfile.mkstemp(dir=os.environ[VARIABLE], prefix=f"{self.pid}-")
        try:
            os.write(file, SECONDS.pack(0.0))
            self.memory = mmap.mmap(file, SECONDS.size)
        finally:
            os.close(file)


OWN = Sum()
