"""Workloads on systems that are set up once and have run the workload before the clock starts."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterable, Iterator
from itertools import chain

from bench import systems
from bench.child import Answer, Child
from bench.options import Options
from bench.quiet import QuietTurns
from bench.room import room
from bench.turns import Round, take_turns
from bench.workloads.workload import Workload

Children = dict[str, Child]

# The number of the round before the first.
UNTIMED = 0


@contextlib.contextmanager
def children(workload: Workload, options: Options) -> Iterator[Children]:
    """A process for each system of a workload, and a Ray; all are ended with the block.

    In slices each system has a room and a Ray of its own, and is frozen when it is not asked; otherwise
    they share one Ray.
    """
    logs = options.sizes.data / "logs"
    cpus = str(options.cpus)
    is_sliced = options.slice_s.of(workload.family) > 0
    started: Children = {}
    address = ""
    with contextlib.ExitStack() as stack:
        for name in set(workload.systems) & set(options.systems):
            home = stack.enter_context(room(name)) if is_sliced else None
            if name in systems.ON_RAY and (home is not None or not address):
                cluster = Child(["bench.ray_cluster", cpus], logs / f"ray-{name}.log", home)
                stack.callback(cluster.close)
                address = cluster.next_answer()["address"]
            module = ["bench.serve", name, "--cpus", cpus]
            module += ["--data", str(options.sizes.data)]
            module += ["--size", str(options.sizes.size), "--scale", str(options.sizes.scale)]
            if name in systems.ON_RAY:
                module += ["--address", address]
            started[name] = Child(module, logs / f"{name}.log", home)
            stack.callback(started[name].close)
            started[name].freeze()
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
    slice_s = options.slice_s.of(workload.family)
    chosen = [system for system in workload.systems if system in started]

    def whole_turns(number: int, order: list[str]) -> Iterator[tuple[str, Answer]]:
        patience = options.patience.of(workload.family) if number != UNTIMED else 0
        for system in order:
            yield system, quiet.take(functools.partial(started[system].ask, name), patience)

    def slices(number: int, order: list[str]) -> Iterator[tuple[str, Answer]]:
        parties = {system: started[system] for system in order}
        return quiet.take_slices(parties, name, slice_s, number)

    def run(number: int, order: list[str]) -> Iterator[tuple[str, Answer]]:
        return (slices if slice_s and number != UNTIMED else whole_turns)(number, order)

    measured = take_turns(name, chosen, chain([UNTIMED], rounds), run, workload.is_sorted)
    next(measured)
    yield from measured
