"""Code of which it is known for which part of the time it holds the GIL."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from pathlib import Path

# A load runs for so many seconds and returns for how many of them it held the GIL.
Load = Callable[[float], float]


def python(seconds: float) -> float:
    """Run Python code all the time."""
    end = time.perf_counter() + seconds
    total = 0
    while time.perf_counter() < end:
        for number in range(1000):
            total += number
    return seconds


def sleep(seconds: float) -> float:
    time.sleep(seconds)
    return 0.0


def repeated(call: Callable[[], object], *, holds: bool) -> Load:
    """Call a function in C again and again, which holds the GIL all the time or lets it go."""

    def load(seconds: float) -> float:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            call()
        return seconds if holds else 0.0

    return load


def mixed(held_s: float, free: Callable[[], object]) -> Load:
    """Run Python code for so long, then something that lets the GIL go, and so on."""

    def load(seconds: float) -> float:
        held = 0.0
        end = time.perf_counter() + seconds
        while (begun := time.perf_counter()) < end:
            until = begun + held_s
            while (now := time.perf_counter()) < until:
                pass
            held += now - begun
            free()
        return held

    return load


def sum_in_c() -> int:
    return sum(range(3_000_000))


def hash_of(size: int) -> Callable[[], object]:
    buffer = bytes(size)
    return lambda: hashlib.sha256(buffer).digest()


def matrix_product() -> Callable[[], object]:
    import numpy as np

    matrix = np.ones((600, 600))
    return lambda: matrix @ matrix


def large_sort() -> Callable[[], object]:
    import numpy as np

    numbers = np.random.default_rng(0).random(2_000_000)
    return lambda: np.sort(numbers)


LOADS: dict[str, Callable[[], Load]] = {
    "python": lambda: python,
    "sleep": lambda: sleep,
    "sum_in_c": lambda: repeated(sum_in_c, holds=True),
    "matrix_product": lambda: repeated(matrix_product(), holds=False),
    "large_sort": lambda: repeated(large_sort(), holds=False),
    "hash": lambda: repeated(hash_of(16 << 20), holds=False),
    "30_of_100_ms": lambda: mixed(0.03, lambda: time.sleep(0.07)),
    "70_of_100_ms": lambda: mixed(0.07, lambda: time.sleep(0.03)),
    "3_of_10_ms": lambda: mixed(0.003, lambda: time.sleep(0.007)),
    "hash_between": lambda: mixed(0.005, hash_of(8 << 20)),
}


def in_threads(load: Load, threads: int, seconds: float) -> list[float]:
    """Run a load in threads of its own; returns for how long each says that it held the GIL."""
    held: list[float] = []
    each = [threading.Thread(target=lambda: held.append(load(seconds))) for _ in range(threads)]
    for thread in each:
        thread.start()
    for thread in each:
        thread.join()
    return held


def cpu_s_of_thread(name: str) -> float:
    """The CPU time of the thread of this process that has this name, in seconds."""
    for task in Path("/proc/self/task").iterdir():
        if (task / "comm").read_text().strip() == name:
            return int((task / "schedstat").read_text().split()[0]) / 1e9
    raise LookupError(name)
