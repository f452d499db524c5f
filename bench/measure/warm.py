"""Times workloads on systems that are set up and have run the workload once before."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterable, Iterator
from itertools import chain

from bench import system_names
from bench.measure.memory import peak_of
from bench.measure.slices import take_slices
from bench.measure.turns import Round, one_by_one, take_turns
from bench.options import Options
from bench.processes.cgroup import Cgroup, cgroup, is_possible
from bench.processes.child import Answer, Child
from bench.workloads import pace
from bench.workloads.workload import Workload

Children = dict[str, Child]

# The number of the round before the first.
UNTIMED = 0


@contextlib.contextmanager
def children(workload: Workload, options: Options) -> Iterator[Children]:
    """Start a Ray and a process for each system of a workload, and end them with the block.

    In slices, or if the workload is apart, each system has a cgroup and a Ray of its own, and is frozen
    while others work. Otherwise the systems share one Ray.
    """
    logs = options.sizes.data / "logs"
    cpus = str(options.cpus)
    started: Children = {}
    address = ""
    with contextlib.ExitStack() as stack:
        for name in set(workload.systems) & set(options.systems):
            group = stack.enter_context(own_group(name, workload, options))
            is_alone = group is not None or workload.is_apart
            if name in system_names.ON_RAY and (is_alone or not address):
                cluster = Child(
                    ["bench.processes.ray_cluster", cpus], logs / f"ray-{name}.log", group
                )
                stack.callback(cluster.close)
                address = cluster.next_answer()["address"]
            module = ["bench.processes.serve", name, "--cpus", cpus]
            module += ["--data", str(options.sizes.data)]
            module += ["--size", str(options.sizes.size), "--scale", str(options.sizes.scale)]
            module += ["--load-s", str(options.sizes.load_s)]
            module += ["--load-mb", str(options.sizes.load_mb)]
            if name in system_names.ON_RAY:
                module += ["--address", address]
            started[name] = Child(module, logs / f"{name}.log", group)
            stack.callback(started[name].close)
            started[name].freeze()
        yield started


def slice_of(workload: Workload, options: Options) -> float:
    """The seconds of a slice, or 0 if the systems work whole turns."""
    return 0.0 if workload.is_apart else options.slice_s.of(workload.family)


def own_group(
    name: str, workload: Workload, options: Options
) -> contextlib.AbstractContextManager[Cgroup | None]:
    """A system's own cgroup, or nothing if it needs none.

    Raises:
        SystemExit: A slice was asked for, and this user cannot make cgroups here.
    """
    if slice_of(workload, options) or (workload.is_apart and is_possible()):
        return cgroup(name)
    return contextlib.nullcontext()


def measure(
    workload: Workload,
    rounds: Iterable[int],
    started: Children,
    options: Options,
) -> Iterator[Round]:
    """Run each system once without timing it, compare the answers, and then measure the rounds."""
    name = f"{workload.family}/{workload.name}"
    slice_s = slice_of(workload, options)
    chosen = [system for system in workload.systems if system in started]

    def whole_turn(system: str) -> Answer:
        before = pace.spent()
        with peak_of(started[system].cgroup) as peak:
            answer = started[system].ask(name)
        return {**answer, "python_s": pace.spent() - before, "peak_mb": peak.mb}

    def run(number: int, order: list[str]) -> Iterable[tuple[str, Answer]]:
        if slice_s and number != UNTIMED:
            parties = {system: started[system] for system in order}
            return take_slices(parties, name, slice_s, random.Random(number))
        return one_by_one(whole_turn)(number, order)

    def of_round(number: int) -> list[str]:
        is_for_all = number == UNTIMED
        return chosen if is_for_all else options.of_round(number, workload.family, chosen)

    measured = take_turns(name, of_round, chain([UNTIMED], rounds), run, workload.is_sorted)
    next(measured)
    yield from measured
