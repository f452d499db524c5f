"""The options of a run."""

from __future__ import annotations

import argparse
import functools
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from bench import system_names
from bench.workloads.sizes import Sizes

# A system that runs seldom takes part in one of this many rounds.
EVERY = 3
ROOT = Path(__file__).resolve().parent.parent


Number = TypeVar("Number", int, float)


@dataclass(frozen=True)
class PerFamily(Generic[Number]):
    """A number for all families but some, written as `3,native=9`, and of the type of the default."""

    others: Number
    of_family: dict[str, Number]

    @classmethod
    def parse(cls, default: Number, text: str) -> PerFamily[Number]:
        kind = type(default)
        others = default
        of_family = {}
        for part in names(text):
            family, is_named, number = part.rpartition("=")
            if is_named:
                of_family[family] = kind(number)
            else:
                others = kind(number)
        return cls(others, of_family)

    def of(self, family: str) -> Number:
        return self.of_family.get(family, self.others)

    def as_json(self) -> dict[str, Number]:
        return {"others": self.others, **self.of_family}


@dataclass(frozen=True)
class Options:
    """The options of one run. `only` holds families and workloads, and is empty for all of them.

    Args:
        rounds: The timed turns of each system.
        slice_s: The seconds that a system works before the next does; 0 until it has its answer.
        seldom: A family, and a system that takes part only in the first of every three of its rounds.
        resume: Whether to keep the rounds that the results have, and measure only the others.
    """

    rounds: PerFamily[int]
    slice_s: PerFamily[float]
    only: tuple[str, ...]
    systems: tuple[str, ...]
    seldom: tuple[tuple[str, str], ...]
    cpus: int
    sizes: Sizes
    results: Path
    resume: bool

    def of_round(self, number: int, family: str, names: list[str]) -> list[str]:
        """Return which of the given systems take part in a round of a family."""
        is_for_all = number % EVERY == 1
        return [name for name in names if is_for_all or (family, name) not in self.seldom]


def names(text: str) -> tuple[str, ...]:
    return tuple(name for name in text.split(",") if name)


def family_systems(text: str) -> tuple[tuple[str, str], ...]:
    pairs = []
    for name in names(text):
        family, _, system = name.partition("/")
        if not system:
            raise argparse.ArgumentTypeError(f"'{name}' is no family and system, as in gil/dask")
        pairs += [(family, known) for known in chosen_systems(system)]
    return tuple(pairs)


def chosen_systems(text: str) -> tuple[str, ...]:
    chosen = names(text)
    unknown = [name for name in chosen if name not in system_names.NAMES]
    if unknown:
        known = ", ".join(system_names.NAMES)
        raise argparse.ArgumentTypeError(f"no system '{unknown[0]}'; there are {known}")
    return chosen


def parse(arguments: list[str]) -> Options:
    cpus = os.cpu_count() or 1
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    add = parser.add_argument
    rounds = functools.partial(PerFamily[int].parse, 3)
    add("--rounds", type=rounds, default="", help="timed runs (3), of a family: 3,native=9")
    slices = functools.partial(PerFamily[float].parse, 0.0)
    text = "seconds that a system works before the next does (0, and models: to its answer), of a family"
    add("--slice", type=slices, default="", help=f"{text}: 0.5,native=0.1")
    add("--only", type=names, default=(), help="families or workloads: gil,native/q01")
    add(
        "--systems",
        type=chosen_systems,
        default=system_names.NAMES,
        help=",".join(system_names.NAMES),
    )
    text = "systems that are far behind, with the first of every three rounds alone: gil/ray-data"
    add("--seldom", type=family_systems, default=(), help=text)
    add("--cpus", type=int, default=cpus, help=f"cores for each system (all: {cpus})")
    add("--size", type=float, default=None, help="GIL-bound work and texts (half a unit a core)")
    add("--scale", type=float, default=1.0, help="scale factor of TPC-H (1)")
    add("--load-s", type=float, default=2.0, help="seconds that a load of a model waits (2)")
    add("--load-mb", type=int, default=200, help="megabytes that a model holds (200)")
    add("--data", type=Path, default=ROOT / ".bench", help="where inputs are kept (.bench)")
    text = "where rounds, what is published of them and plots are kept (.bench/results)"
    add("--results", type=Path, default=ROOT / ".bench" / "results", help=text)
    add(
        "--resume", action="store_true", help="keep the rounds of the results, and measure the rest"
    )
    given = parser.parse_args(arguments)
    size = given.cpus / 2 if given.size is None else given.size
    return Options(
        rounds=given.rounds,
        slice_s=given.slice,
        only=given.only,
        systems=given.systems,
        seldom=given.seldom,
        cpus=given.cpus,
        sizes=Sizes(given.data.resolve(), size, given.scale, given.load_s, given.load_mb),
        results=given.results,
        resume=given.resume,
    )
