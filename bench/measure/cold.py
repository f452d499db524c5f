"""Cold starts: the first query with n CPUs on a node, each in a new process and a new Ray."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterable, Iterator

from bench import system_names
from bench.measure.slices import take_slices
from bench.measure.turns import Round, one_by_one, take_turns
from bench.options import Options
from bench.processes.cgroup import cgroup
from bench.processes.child import Answer, Child

FAMILY = "cold"
CPUS = (2, 4, 8, 16)
# A query without Python code, on a node of 4 CPUs.
NATIVE = f"{FAMILY}/native_4_cpus"
SYSTEMS = (system_names.STOCK, system_names.PER_CORE, system_names.AUTO)


def names() -> list[str]:
    return [*(f"{FAMILY}/{cpus}_cpus" for cpus in CPUS), NATIVE]


def measure(name: str, rounds: Iterable[int], options: Options) -> Iterator[Round]:
    """Run a cold start with the query and the CPUs that its name says."""
    of_name = name.removeprefix(f"{FAMILY}/").removeprefix("native_")
    cpus = of_name.partition("_")[0]
    query = "native" if name == NATIVE else "udf"
    slice_s = options.slice_s.of(FAMILY)

    @contextlib.contextmanager
    def ready(system: str) -> Iterator[Child]:
        """A new process with a new Ray."""
        log = options.sizes.data / "logs" / f"cold-{system}.log"
        with contextlib.ExitStack() as stack:
            group = stack.enter_context(cgroup(system)) if slice_s else None
            command = ["bench.processes.first_query", system, cpus, query]
            child = Child(command, log, group)
            stack.callback(child.close)
            child.next_answer()
            child.freeze()
            yield child

    def first_query(system: str) -> Answer:
        with ready(system) as child:
            return child.ask("now")

    def slices(number: int, order: list[str]) -> Iterator[tuple[str, Answer]]:
        with contextlib.ExitStack() as stack:
            parties = {system: stack.enter_context(ready(system)) for system in order}
            yield from take_slices(parties, "now", slice_s, random.Random(number))

    chosen = [system for system in SYSTEMS if system in options.systems]

    def of_round(number: int) -> list[str]:
        return options.of_round(number, FAMILY, chosen)

    run = slices if slice_s else one_by_one(first_query)
    yield from take_turns(name, of_round, rounds, run, is_sorted=True)
