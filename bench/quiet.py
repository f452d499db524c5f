"""Turns with the speed that the machine had in them, and quiet ones where there is patience for them.

Other users of a shared machine can halve its speed for seconds or minutes. A fixed piece of work on
every core shows it; it knows nothing of the system whose turn it is, so it prefers none.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from bench.child import Answer
from bench.slices import Party, take_slices
from bench.watch import Mark

# So long is looked at the cores to see whether they are quiet now, and so long not.
LOOK_S = 0.3
PAUSE_S = 0.5
KEPT = ("shortest", "turns", "noisy", "again")


class Watched(Protocol):
    """What says how long a fixed piece of work takes on each core, now or since a mark."""

    def look(self, seconds: float) -> list[float]: ...

    def mark(self) -> Mark: ...

    def since(self, mark: Mark) -> list[float]: ...


class QuietTurns:
    """Takes turns when the machine is quiet, and takes those again in which it did not stay so.

    A core's speed is the shortest time that the piece of work ever took, by the time that it takes; the
    machine's is the mean of its cores.

    Args:
        watch: Says how long the piece of work takes.
        least: The speed, of 1, that a quiet machine has at least.

    Counted are the turns that had patience, those of them that ended noisy, and the runs that were not
    quiet and taken again.
    """

    def __init__(self, watch: Watched, least: float) -> None:
        self.watch = watch
        self.least = least
        self.shortest = float("inf")
        self.turns = 0
        self.again = 0
        self.noisy = 0

    def take(self, run: Callable[[], Answer], patience: float) -> Answer:
        """Run, and again, until the machine was quiet all the while; at worst the quietest run counts.

        Args:
            run: The turn.
            patience: The seconds after which nothing waits or is run again; with 0 nothing does.

        Returns:
            The answer of the run that counts, and the machine's `speed` in it.
        """
        until = time.monotonic() + patience
        self.turns += patience > 0
        runs: list[Answer] = []
        while True:
            while not self.is_quiet() and time.monotonic() < until:
                time.sleep(PAUSE_S)
            mark = self.watch.mark()
            answer = run()
            runs.append({**answer, "speed": self.speed(self.watch.since(mark))})
            best = max(runs, key=lambda one: one["speed"])
            is_quiet = best["speed"] >= self.least
            if is_quiet or time.monotonic() >= until:
                self.noisy += patience > 0 and not is_quiet
                return best
            self.again += 1

    def take_slices(
        self, parties: Mapping[str, Party], question: Any, slice_s: float, number: int
    ) -> Iterator[tuple[str, Answer]]:
        """A round in slices; the speed is that until a system has its answer.

        Args:
            parties: The systems.
            question: What they are asked.
            slice_s: The seconds of a slice.
            number: The number of the round, which has orders of its own.
        """
        self.is_quiet()  # A speed is told by the shortest time, which a first look has to find.
        mark = self.watch.mark()
        for name, answer in take_slices(parties, question, slice_s, random.Random(number)):
            yield name, {**answer, "speed": self.speed(self.watch.since(mark))}

    def is_quiet(self) -> bool:
        """Look whether the cores are quiet now."""
        seconds = self.watch.look(LOOK_S)
        self.shortest = min(self.shortest, *seconds)
        return self.speed(seconds) >= self.least

    def speed(self, seconds: list[float]) -> float:
        return statistics.mean(self.shortest / of_core for of_core in seconds)

    def keep_shortest(self, file: Path) -> None:
        """Keep the shortest time for later runs, which may begin when the machine is not quiet."""
        file.write_text(f"{self.shortest}\n")

    def know_shortest(self, file: Path) -> None:
        """Take the shortest time of earlier runs on this machine."""
        if file.exists():
            self.shortest = min(self.shortest, float(file.read_text()))

    def summary(self) -> dict[str, float]:
        """What a run that goes on has to know."""
        return {name: vars(self)[name] for name in KEPT}

    def go_on(self, summary: dict[str, float]) -> None:
        """Count on from the summary of what was finished."""
        shortest = min(self.shortest, summary["shortest"])
        vars(self).update({**summary, "shortest": shortest})
