"""The rounds of a run, workload by workload."""

from __future__ import annotations

from collections.abc import Iterator

from bench.measure import cold, warm
from bench.measure.timings import WorkloadResult
from bench.measure.turns import Round
from bench.options import Options
from bench.workloads.workload import Workload


def measure(
    warm_workloads: dict[str, Workload],
    results: dict[str, WorkloadResult],
    options: Options,
) -> Iterator[WorkloadResult]:
    """Measure the rounds that the results lack: those of the warm workloads first, then cold starts.

    Yields:
        The result of a workload after each of its rounds.
    """
    known = (*warm_workloads, *cold.names())
    chosen = [name for name in known if is_chosen(name, options)]
    if not chosen:
        raise SystemExit(f"error: no workload is called {','.join(options.only)}")
    wanted = {name: rounds_left(name, options, results) for name in chosen}
    left = {name: rounds for name, rounds in wanted.items() if rounds}
    workloads = {name: warm_workloads[name] for name in left if name in warm_workloads}
    for workload in workloads.values():
        workload.write()
    for name, rounds in left.items():
        family, _, workload_name = name.partition("/")
        result = results.get(name) or WorkloadResult(family, workload_name, {}, {})
        for turns in measure_workload(name, workloads.get(name), rounds, options):
            result = result.plus(turns)
            print(f"{name}: round {result.rounds} of {rounds[-1]}", flush=True)
            yield result


def rounds_left(name: str, options: Options, results: dict[str, WorkloadResult]) -> range:
    """The numbers of the rounds, from 1, that a workload lacks."""
    family = name.partition("/")[0]
    done = results[name].rounds if name in results else 0
    return range(done + 1, options.rounds.of(family) + 1)


def measure_workload(
    name: str, workload: Workload | None, rounds: range, options: Options
) -> Iterator[Round]:
    """Measure rounds of a warm workload on a new Ray, or of a cold start.

    The Ray is new, because Daft and Ray keep state of earlier queries, which slows later ones: Q20 took
    5.2 s after all other queries, and 2.7 s on a new Ray.
    """
    if workload is None:
        yield from cold.measure(name, rounds, options)
        return
    with warm.children(workload, options) as started:
        yield from warm.measure(workload, rounds, started, options)


def is_chosen(name: str, options: Options) -> bool:
    return not options.only or name in options.only or name.partition("/")[0] in options.only
