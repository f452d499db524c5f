"""The CPU time that the Python code of a workload takes, whichever processes of a system run it.

All systems run the same Python code on the same input. If the code takes longer in one turn, the
machine was slower, because others share its silicon. What a system does besides that code does not
count.
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

# The variable with the folder where each process keeps its sum. All processes of a run inherit it.
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
    """Return the seconds of all processes so far, including those that have ended."""
    nothing = bytes(SECONDS.size)
    # A process that has just made its file has not written to it yet.
    sums = [file.read_bytes() or nothing for file in Path(os.environ[VARIABLE]).iterdir()]
    return float(sum(SECONDS.unpack(seconds)[0] for seconds in sums))


class Sum:
    """The seconds of this process, in a file that others can read and that outlives the process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.pid = 0
        self.memory = mmap.mmap(-1, SECONDS.size)

    def add(self, seconds: float) -> None:
        with self.lock:
            if self.pid != os.getpid():  # A forked process starts with the sum of its parent.
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
