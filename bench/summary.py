"""Medians, and what they are to stock and to the physical limit."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from bench import systems
from bench.turns import Round

Timings = dict[str, list[float]]
# Of 1, which the machine has when nobody else slows it down.
Speeds = dict[str, list[float]]


@dataclass(frozen=True)
class WorkloadResult:
    """The seconds of each system, round by round, and the speed that the machine had."""

    family: str
    name: str
    seconds: Timings
    speeds: Speeds

    def plus(self, turns: Round) -> WorkloadResult:
        """The result with a round more."""
        seconds = {name: [*self.seconds.get(name, ()), turns[name].seconds] for name in turns}
        speeds = {name: [*self.speeds.get(name, ()), turns[name].speed] for name in turns}
        return WorkloadResult(self.family, self.name, seconds, speeds)

    @property
    def rounds(self) -> int:
        """The rounds that were measured, the same for all systems."""
        return max(map(len, self.seconds.values()), default=0)

    def at_full_speed(self) -> WorkloadResult:
        """What it would have been on a quiet machine: a second at half of the speed is half a second."""
        seconds = {
            system: [
                second * speed for second, speed in zip(timed, self.speeds[system], strict=True)
            ]
            for system, timed in self.seconds.items()
        }
        speeds = {system: [1.0] * len(timed) for system, timed in self.seconds.items()}
        return WorkloadResult(self.family, self.name, seconds, speeds)

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
