"""A class that stands for one with a model: it takes seconds to build, and holds memory."""

from __future__ import annotations

import time
import zlib

from bench.workloads.models import loads


class Model:
    """Scores texts with the GIL held.

    Args:
        log: The log of the turn.
        load_s: The seconds that a load waits without the CPU, as for a download or a disk.
        load_mb: The megabytes that the model holds.
        steps: How long a text takes: some 0.1 microseconds for each step.
    """

    def __init__(self, log: str, load_s: float, load_mb: int, steps: int) -> None:
        loads.record(log, loads.LOADED)
        time.sleep(load_s)
        # Zeros would take no memory.
        self.weights = bytearray(b"\x07") * (load_mb * 10**6)
        self.log = log
        self.steps = steps
        self.is_called = False

    def __call__(self, text: str) -> int:
        if not self.is_called:
            self.is_called = True
            loads.record(self.log, loads.CALLED)
        score = zlib.crc32(text.encode())
        weight = self.weights[score % len(self.weights)]
        for _ in range(self.steps):
            score = (score * 1103515245 + weight) % 2**31
        return score
