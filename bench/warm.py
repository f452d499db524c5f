"""Workloads on systems that are set up once and have run the workload before the clock starts."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from bench import systems
from bench.child import Child
from bench.options import Options
from bench.quiet import QuietTurns
from bench.turns import Round, take_turns
from bench.workloads.workload import Workload

Children = dict[str, Child]

# The number of the round before the first.
UNTIMED = 0


@contextlib.contextmanager
def children(names: set[str], options: Options) -> Iterator[Children]:
    """A process for each system, and for the Ray that they share; all are ended with the block."""
    logs = options.sizes.data / "logs"
    cpus = str(options.cpus)
    with contextlib.ExitStack() as stack:
        address = ""
        if names & set(systems.ON_RAY):
            cluster = Child(["bench.ray_cluster", cpus], logs / "ray_cluster.log")
            stack.callback(cluster.close)
            address = cluster.next_answer()["address"]
        started: Children = {}
        for name in names:
            module = ["bench.serve", name, "--cpus", cpus]
            module += ["--data", str(options.sizes.data)]
            module += ["--size", str(options.sizes.size), "--scale", str(options.sizes.scale)]
            if name in systems.ON_RAY:
                module += ["--address", address]
            started[name] = Child(module, logs / f"{name}.log")
            stack.callback(started[name].close)
        yield started


def measure(
    workload: Workload,
    rounds: Iterable[int],
    started: Children,
    options: Options,
    quiet: QuietTurns,
) -> Iterator[Round]:
    """One untimed run of each system, whose answers are compared as well, then the rounds."""
    name = f"{workload.family}/{workload.name}"
    chosen = [system for system in workload.systems if system in started]
    warm: set[str] = set()

    def run(system: str) -> Any:
        patience = options.patience.of(workload.family) if system in warm else 0
        warm.add(system)
        return quiet.take(lambda: started[system].ask(name), patience)

    measured = take_turns(name, chosen, chain([UNTIMED], rounds), run, workload.is_sorted)
    next(measured)
    yield from measured
