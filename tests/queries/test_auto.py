"""Under `auto` each query runs on the workers that suit it; the last queries' routes are kept."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import protoplast
from protoplast.runner.cluster_view import REST_DELAY_S
from tests.support.fault_queries import slow_squares, wait_for
from tests.support.process import RAY_RUNNER, in_new_process, run_command
from tests.support.queries import rows_by_process
from tests.support.shared_driver import Scenarios

CPUS = 3


def workers_by_layout() -> dict[str, list[int | None]]:
    found = protoplast.status().fleets
    return {str(fleet.layout): [worker.pid for worker in fleet.workers] for fleet in found}


def routes() -> dict[str, Any]:
    import daft

    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    apply_flotilla_patches("auto,startup=eager")

    def native() -> Any:
        df = daft.from_pydict({"a": list(range(100))}).into_partitions(8)
        return df.groupby(daft.col("a") % 7).agg(daft.col("a").alias("sum").sum())

    explained = [str(protoplast.explain(native())), str(protoplast.explain(slow_squares(24, 0.0)))]
    before = workers_by_layout()
    for _ in range(2):
        assert sum(native().to_pydict()["sum"]) == 4950
        assert len(rows_by_process()) == CPUS
    after = workers_by_layout()
    rows_by_process()
    return {
        "explained": explained,
        "before": before,
        "first": after,
        "later": workers_by_layout(),
        "queries": [str(query.layout) for query in protoplast.status().queries],
    }


def test_each_query_runs_where_it_suits_and_both_fleets_stay(scenarios: Scenarios) -> None:
    found = scenarios(routes, cpus=CPUS)
    native, python = found["explained"]
    assert native.startswith("runs on 'per-node': no Python code runs in its workers")
    assert "as one task" not in native, "into_partitions holds"
    assert python.startswith("runs on 'per-core': ")
    assert "square' is Python code, which holds the GIL of its worker, in 24 tasks" in python
    assert found["before"] == {}, "explain starts nothing"
    assert {layout: len(pids) for layout, pids in found["first"].items()} == {
        "per-node": 1,
        "per-core": CPUS,
    }
    assert found["later"] == found["first"], "the same processes"
    assert found["queries"] == ["per-node", "per-core"] * 2 + ["per-core"]


def progressive() -> dict[str, Any]:
    import ray

    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    ray.init(num_cpus=CPUS, log_to_driver=False, include_dashboard=False)
    apply_flotilla_patches("per-core,startup=progressive")
    first = slow_squares(1, 0.0).collect().to_pydict()["row"]
    began = len(protoplast.status().workers)
    # Daft takes new workers into service every 5 s while a query runs.
    answer = slow_squares(60, 0.4).collect().to_pydict()
    squares = [did["square"] for did in answer["did"]]
    joined = {did["pid"] for did in answer["did"]}
    status = protoplast.status()
    again = rows_by_process()
    return {
        "first": first,
        "began": began,
        "exact": squares == [row * row for row in range(60)],
        "joined": len(joined),
        "ids": sorted(worker.worker_id.split("_", 1)[1] for worker in status.workers),
        "states": [worker.state for worker in status.workers],
        "steady": sorted(again) == sorted(pid for w in status.workers if (pid := w.pid)),
    }


def test_the_first_tasks_run_when_the_first_worker_is_up_and_the_others_join() -> None:
    # In processes that are there already the other workers could be up as soon.
    found = in_new_process(progressive, environment=RAY_RUNNER)
    assert found["first"] == [0]
    assert found["began"] < CPUS, "the first answer did not wait for all workers"
    assert found["exact"], "no task was lost or done twice"
    assert found["joined"] == CPUS
    assert found["ids"] == [f"cpu_{index}" for index in range(CPUS)]
    assert found["states"] == ["alive"] * CPUS
    assert found["steady"], "the same workers as after an eager start"


def daft_workers() -> set[int]:
    """The workers of Daft's, whether in service or on their way, on the nodes of this process's Ray."""
    import ray

    raylet: int = ray.get(ray.remote(num_cpus=0)(lambda: os.getppid()).remote())
    found = set()
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        with contextlib.suppress(OSError):
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == raylet and "RaySwordfishActor" in (folder / "cmdline").read_text():
                found.add(int(folder.name))
    return found


def gone_later(others: set[int]) -> bool:
    """Whether only others are left when all that was on its way would have come."""
    time.sleep(REST_DELAY_S + 4)
    return bool(wait_for(lambda: daft_workers() <= others))


def rolled_back_while_starting() -> list[Any]:
    from protoplast.patches.daft_flotilla import apply_flotilla_patches, rollback_flotilla_patches

    others = daft_workers()
    apply_flotilla_patches("per-core,startup=progressive")
    slow_squares(1, 0.0).collect()
    there = len(daft_workers() - others)
    rollback_flotilla_patches()
    return [there > 0, gone_later(others)]


DRIVER = """
import sys
import ray
from protoplast.patches.daft_flotilla import apply_flotilla_patches
from tests.support.fault_queries import slow_squares
ray.init(sys.argv[1], log_to_driver=False)
apply_flotilla_patches("per-core,startup=progressive")
slow_squares(1, 0.0).collect()
"""


def driver_leaves_while_starting() -> list[Any]:
    import ray

    others = daft_workers()
    address = ray.get_runtime_context().gcs_address
    run_command([sys.executable, "-c", DRIVER, address], RAY_RUNNER, timeout=60)
    return [True, gone_later(others)]


@pytest.mark.parametrize("scenario", [rolled_back_while_starting, driver_leaves_while_starting])
def test_workers_on_their_way_end(scenario: Any, scenarios: Scenarios) -> None:
    assert scenarios(scenario, cpus=CPUS) == [True, True]
