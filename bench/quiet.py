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
KEPT = ("shortest", "turns", "noisy", "again")


class Yardstick:
    """A fixed piece of work, done by all cores at the same time.

    Args:
        cpus: The cores.
    """

    def __init__(self, cpus: int) -> None:
        self.cpus = cpus

    @functools.cached_property
    def processes(self) -> Pool:
        return multiprocessing.get_context("spawn").Pool(self.cpus)

    def seconds(self) -> float:
        """How long the slowest core takes now."""
        pieces = (self.processes.map(seconds_of_work, range(self.cpus), 1) for _ in range(PIECES))
        return min(max(piece) for piece in pieces)


def seconds_of_work(_core: int) -> float:
    started = time.perf_counter()
    total = 0
    for number in range(ADDITIONS):
        total += number
    return time.perf_counter() - started


class QuietTurns:
    """Takes turns when the machine is quiet, and takes those again in which it did not stay so.

    Args:
        seconds: Does a fixed piece of work, and says how long that takes now.
        most: How many times its shortest time so far it may take when the machine is quiet.

    Counted are the turns that had patience, those of them that ended noisy, and the runs that were not
    quiet and taken again.
    """

    def __init__(self, seconds: Callable[[], float], most: float) -> None:
        self.seconds = seconds
        self.most = most
        self.shortest = float("inf")
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
        seconds = self.seconds()
        self.shortest = min(self.shortest, seconds)
        return seconds <= self.most * self.shortest

    def summary(self) -> dict[str, float]:
        """What a run that goes on has to know; nothing when no turn had patience."""
        return {name: vars(self)[name] for name in KEPT} if self.turns else {}

    def go_on(self, summary: dict[str, float]) -> None:
        """Count on from the summary of what was finished."""
        vars(self).update(summary)
