"""Turns that nothing else on the machine slowed down, as far as there is patience for them.

Other users of a shared machine can halve its speed for seconds or minutes. A fixed piece of work on
every core shows it, before a turn and after it; it knows nothing of the system whose turn it is, so it
prefers none.
"""

from __future__ import annotations

import functools
import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.pool import Pool
from typing import TypeVar

Answer = TypeVar("Answer")

# Additions of one piece of work, some 20 ms.
ADDITIONS = 600_000
# One piece can be slow by chance.
PIECES = 3
PAUSE_S = 0.2


class Yardstick:
    """The speed of the machine now, beside its highest so far.

    Args:
        cpus: The cores that work at the same time.
    """

    def __init__(self, cpus: int) -> None:
        self.cpus = cpus
        self.fastest = float("inf")

    @functools.cached_property
    def processes(self) -> Pool:
        return multiprocessing.get_context("spawn").Pool(self.cpus)

    def slowness(self) -> float:
        """How many times its shortest time so far a fixed piece of work takes now."""
        pieces = (self.processes.map(seconds_of_work, range(self.cpus), 1) for _ in range(PIECES))
        seconds = min(max(piece) for piece in pieces)
        self.fastest = min(self.fastest, seconds)
        return seconds / self.fastest


def seconds_of_work(_core: int) -> float:
    started = time.perf_counter()
    total = 0
    for number in range(ADDITIONS):
        total += number
    return time.perf_counter() - started


class QuietTurns:
    """Takes turns when the machine is quiet, and takes those again in which it did not stay so.

    Args:
        slowness: Measures how slow the machine is now, 1.0 at its fastest.
        most: The slowness that still counts as quiet.
    """

    def __init__(self, slowness: Callable[[], float], most: float) -> None:
        self.slowness = slowness
        self.most = most
        self.turns = 0
        self.again = 0
        self.noisy = 0

    def take(self, run: Callable[[], Answer], patience: float) -> Answer:
        """Run, and again, until the machine was quiet before and after it.

        Args:
            run: The turn.
            patience: The seconds after which nothing waits or is run again; with 0 nothing does.
        """
        if not patience:
            return run()
        until = time.monotonic() + patience
        self.turns += 1
        while True:
            while not (was_quiet := self.is_quiet()) and time.monotonic() < until:
                time.sleep(PAUSE_S)
            answer = run()
            if was_quiet and self.is_quiet():
                return answer
            if time.monotonic() >= until:
                self.noisy += 1
                return answer
            self.again += 1

    def is_quiet(self) -> bool:
        return self.slowness() <= self.most

    def summary(self) -> dict[str, float]:
        """What was quiet, all turns, those of them that were not, and how many were run once more."""
        return {
            "slowness_at_most": self.most,
            "turns": self.turns,
            "noisy": self.noisy,
            "again": self.again,
        }
