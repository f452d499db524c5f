"""Medians, and what they are to stock and to the physical limit."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from bench import systems
from bench.measure.turns import Round

Timings = dict[str, list[float]]


@dataclass(frozen=True)
class WorkloadResult:
    """The seconds of each system, round by round, and the CPU seconds of the Python code in them."""

    family: str
    name: str
    seconds: Timings
    python_s: Timings

    def plus(self, turns: Round) -> WorkloadResult:
        """The result with a round more."""
        seconds, python_s = dict(self.seconds), dict(self.python_s)
        for name, turn in turns.items():
            seconds[name] = [*seconds.get(name, ()), turn.seconds]
            python_s[name] = [*python_s.get(name, ()), turn.python_s]
        return WorkloadResult(self.family, self.name, seconds, python_s)

    @property
    def rounds(self) -> int:
        """The rounds that were measured; a system that runs seldom has fewer."""
        return max(map(len, self.seconds.values()), default=0)

    @property
    def has_pace(self) -> bool:
        """Whether the Python code was counted in every turn."""
        return all(map(all, self.python_s.values()))

    def at_one_pace(self) -> WorkloadResult:
        """What it would have been had the Python code always been as fast as in its fastest turn."""
        least = min(map(min, self.python_s.values()))
        seconds = {
            system: [
                second * least / python_s
                for second, python_s in zip(timed, self.python_s[system], strict=True)
            ]
            for system, timed in self.seconds.items()
        }
        return WorkloadResult(self.family, self.name, seconds, {})

    @property
    def path(self) -> str:
        return f"{self.family}/{self.name}"

    def median(self, system: str) -> float:
        return statistics.median(self.seconds[system])

    def times_stock(self, system: str) -> float | None:
        """How many times as fast as stock a system is."""
        return self.ratio(systems.STOCK, system)

    def part_of_limit(self, system: str) -> float | None:
        """The speed of a system, as a part of that of the physical limit."""
        return self.ratio(systems.LIMIT, system)

    def ratio(self, base: str, system: str) -> float | None:
        if base not in self.seconds or system not in self.seconds:
            return None
        return self.median(base) / self.median(system)


def geometric_mean(ratios: list[float | None]) -> float | None:
    """The mean of ratios, where there are all of them."""
    known = [ratio for ratio in ratios if ratio is not None]
    return statistics.geometric_mean(known) if known and len(known) == len(ratios) else None


def by_family(results: list[WorkloadResult]) -> dict[str, list[WorkloadResult]]:
    families: dict[str, list[WorkloadResult]] = {}
    for result in results:
        families.setdefault(result.family, []).append(result)
    return families


def systems_of(results: list[WorkloadResult]) -> list[str]:
    """The systems that any of the results has, in their usual order."""
    return [name for name in systems.NAMES if any(name in result.seconds for result in results)]
