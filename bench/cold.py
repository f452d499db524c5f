"""Cold starts: the first query with n CPUs on a node, each in a new process and a new Ray."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

from bench import systems
from bench.child import Child
from bench.options import Options
from bench.quiet import QuietTurns
from bench.turns import Round, one_by_one, take_turns

FAMILY = "cold"
CPUS = (2, 4, 8, 16)
SYSTEMS = (systems.STOCK, systems.PER_CORE, systems.AUTO)


def names() -> list[str]:
    return [f"{FAMILY}/{cpus}_cpus" for cpus in CPUS]


def measure(
    name: str, rounds: Iterable[int], options: Options, quiet: QuietTurns
) -> Iterator[Round]:
    """Run a cold start with the CPUs that its name says."""
    cpus = name.removeprefix(f"{FAMILY}/").partition("_")[0]

    def first_query(system: str) -> Any:
        log = options.sizes.data / "logs" / f"cold-{system}.log"
        with contextlib.closing(Child(["bench.first_query", system, cpus], log)) as child:
            return child.ask("now")

    def run(system: str) -> Any:
        return quiet.take(lambda: first_query(system), options.patience.of(FAMILY))

    chosen = [system for system in SYSTEMS if system in options.systems]
    yield from take_turns(name, chosen, rounds, one_by_one(run), is_sorted=True)
