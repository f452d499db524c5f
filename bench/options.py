"""What can be chosen for a run."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

from bench import systems

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Sizes:
    """How much there is to do, and where it is kept.

    Args:
        data: The directory of the inputs, which are written once.
        size: The GIL-bound work; at 1.0 the limit takes two cores some eight seconds.
        scale: The scale factor of TPC-H.
    """

    data: Path
    size: float
    scale: float


@dataclass(frozen=True)
class Rounds:
    """How many timed runs each system gets, of all families but some."""

    others: int
    of_family: dict[str, int]

    @classmethod
    def parse(cls, text: str) -> Rounds:
        others = "3"
        of_family = {}
        for part in names(text):
            family, is_named, count = part.rpartition("=")
            if is_named:
                of_family[family] = int(count)
            else:
                others = count
        return cls(int(others), of_family)

    def of(self, family: str) -> int:
        return self.of_family.get(family, self.others)


@dataclass(frozen=True)
class Options:
    """The choices of one run; `only` holds families and workloads, and is empty for all."""

    rounds: Rounds
    only: tuple[str, ...]
    systems: tuple[str, ...]
    cpus: int
    sizes: Sizes
    results: Path


def names(text: str) -> tuple[str, ...]:
    return tuple(name for name in text.split(",") if name)


def system_names(text: str) -> tuple[str, ...]:
    chosen = names(text)
    unknown = [name for name in chosen if name not in systems.NAMES]
    if unknown:
        known = ", ".join(systems.NAMES)
        raise argparse.ArgumentTypeError(f"no system '{unknown[0]}'; there are {known}")
    return chosen


def parse(arguments: list[str]) -> Options:
    cpus = os.cpu_count() or 1
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    add = parser.add_argument
    add("--rounds", type=Rounds.parse, default="", help="timed runs (3), of a family: 3,native=9")
    add("--only", type=names, default=(), help="families or workloads: gil,native/q01")
    add("--systems", type=system_names, default=systems.NAMES, help=",".join(systems.NAMES))
    add("--cpus", type=int, default=cpus, help=f"cores for each system (all: {cpus})")
    add("--size", type=float, default=None, help="GIL-bound work (half a unit a core)")
    add("--scale", type=float, default=1.0, help="scale factor of TPC-H (1)")
    add("--data", type=Path, default=ROOT / ".bench", help="where inputs are kept (.bench)")
    add("--results", type=Path, default=ROOT / "bench" / "results")
    given = parser.parse_args(arguments)
    size = given.cpus / 2 if given.size is None else given.size
    return Options(
        rounds=given.rounds,
        only=given.only,
        systems=given.systems,
        cpus=given.cpus,
        sizes=Sizes(given.data.resolve(), size, given.scale),
        results=given.results,
    )
