"""The GIL of Daft's workers on Ray is measured while they run code that holds it or lets it go."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

import protoplast
from protoplast.worker import calls as worker_calls
from protoplast.worker.gil import GilCounters
from tests.support.queries import rows_by_process
from tests.support.shared_driver import Scenarios

pytestmark = pytest.mark.timeout(300)

CPUS = 2

# How long each worker runs its Python code, in seconds.
RUNS_S = 5.0


def each_worker(function: Callable[..., Any]) -> dict[str, Any]:
    """Call a function in all workers; returns the answers by their ids."""
    import ray

    from protoplast.driver.fleets import FLEETS

    (fleet,) = FLEETS.live()
    report = fleet.report(30)
    assert report is not None
    calls = {
        started.worker.worker_id: started.actor.__ray_call__.remote(function)
        for started in report.workers
    }
    return {worker_id: ray.get(call, timeout=60) for worker_id, call in calls.items()}


def run(kind: str) -> None:
    """Run a query of one task for each worker, which takes `RUNS_S`."""
    import daft

    @daft.func(return_dtype=daft.DataType.int64())
    def spend(row: int) -> int:
        import time

        end = time.perf_counter() + RUNS_S
        while kind == "burn" and time.perf_counter() < end:
            pass
        if kind == "sleep":
            time.sleep(RUNS_S)
        return row

    df = daft.from_pydict({"row": list(range(CPUS))}).into_partitions(CPUS)
    assert len(df.with_column("spent", spend(daft.col("row"))).collect()) == CPUS


def shares_of_queries() -> Any:
    from protoplast.patches.auto_patch import patched_daft

    with patched_daft("per-core"):
        rows_by_process()
        readings: list[dict[str, GilCounters]] = [each_worker(worker_calls.gil_counters)]
        for kind in ("burn", "sleep"):
            run(kind)
            readings.append(each_worker(worker_calls.gil_counters))
        held: list[list[float]] = []
        for earlier, later in itertools.pairwise(readings):
            windows = [counted.window(earlier[of]) for of, counted in later.items()]
            held.append([window.held for window in windows if window is not None])
        status = protoplast.status()
        since_start = [worker.gil and worker.gil.held for worker in status.workers]
        return [held, since_start, str(status), status.to_svg()]


def test_the_share_follows_what_the_functions_do(scenarios: Scenarios) -> None:
    (burning, sleeping), since_start, table, picture = scenarios(shares_of_queries, cpus=CPUS)
    assert len(burning) == len(sleeping) == len(since_start) == CPUS
    for burns, sleeps, held in zip(burning, sleeping, since_start, strict=True):
        assert burns > 0.6, "the query takes some time besides"
        assert sleeps < 0.3
        assert sleeps < held < burns
    assert " GIL " in table
    assert " % " in table
    assert picture
