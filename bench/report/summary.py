"""Computes medians, and compares them with stock and with the physical limit."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import NamedTuple

from bench import system_names
from bench.measure.timings import WorkloadResult
from bench.measure.turns import Footprint


class Figures(NamedTuple):
    """The published figures of a system's rounds.

    `at_one_pace_s` is the median as if the Python code had always been as fast as in its fastest turn,
    or None if its CPU time was not counted.
    """

    median_s: float
    min_s: float
    max_s: float
    rounds: int
    at_one_pace_s: float | None


@dataclass(frozen=True)
class Summary:
    """The figures of each system for a workload, and their footprints if it has models."""

    family: str
    name: str
    systems: dict[str, Figures]
    footprints: dict[str, Footprint] = field(default_factory=dict)

    def times_stock(self, system: str) -> float | None:
        """How many times as fast as stock a system is."""
        return self.ratio(system_names.STOCK, system)

    def part_of_limit(self, system: str) -> float | None:
        """The speed of a system, as a part of that of the physical limit."""
        return self.ratio(system_names.LIMIT, system)

    def ratio(self, base: str, system: str) -> float | None:
        if base not in self.systems or system not in self.systems:
            return None
        return self.systems[base].median_s / self.systems[system].median_s


def summarised(result: WorkloadResult) -> Summary:
    """The figures of the rounds of a workload."""
    has_pace = bool(result.python_s) and result.has_pace
    paced = result.at_one_pace().seconds if has_pace else {}
    figures = {
        system: Figures(
            statistics.median(seconds),
            min(seconds),
            max(seconds),
            len(seconds),
            statistics.median(paced[system]) if has_pace else None,
        )
        for system, seconds in result.seconds.items()
    }
    footprints = {system: of_rounds(each) for system, each in result.footprints.items()}
    return Summary(result.family, result.name, figures, footprints)


def of_rounds(footprints: list[Footprint]) -> Footprint:
    """The median of each field, or of the upper two if the rounds are even in number."""
    peaks = [each.peak_mb for each in footprints if each.peak_mb is not None]
    return Footprint(
        statistics.median_high(each.loads for each in footprints),
        statistics.median_high(each.processes for each in footprints),
        statistics.median_high(peaks) if peaks else None,
    )


def geometric_mean(ratios: list[float | None]) -> float | None:
    """The mean of ratios, or None if one of them is missing."""
    known = [ratio for ratio in ratios if ratio is not None]
    return statistics.geometric_mean(known) if known and len(known) == len(ratios) else None


def by_family(results: list[Summary]) -> dict[str, list[Summary]]:
    families: dict[str, list[Summary]] = {}
    for result in results:
        families.setdefault(result.family, []).append(result)
    return families


def systems_of(results: list[Summary]) -> list[str]:
    """The systems that any of the results has, in their usual order."""
    return [
        name for name in system_names.NAMES if any(name in result.systems for result in results)
    ]
