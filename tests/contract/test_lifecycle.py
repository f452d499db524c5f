"""Fleets leave nothing behind, and take nothing along that is still wanted."""

from __future__ import annotations

import threading
from typing import Any

from tests.support.shared_driver import Scenarios

PATIENCE_S = 20.0


def runners() -> int:
    """Count the runner actors of protoplast's that are registered in Daft's namespace."""
    import ray

    named = ray.util.list_named_actors(all_namespaces=True)
    return sum(actor["name"].startswith("protoplast-runner") for actor in named)


def wait_for_runners(wanted: int) -> int:
    import time

    deadline = time.monotonic() + PATIENCE_S
    while runners() != wanted and time.monotonic() < deadline:
        time.sleep(0.1)
    return runners()


def wait_for_end(pids: set[int | None]) -> bool:
    import time
    from pathlib import Path

    deadline = time.monotonic() + PATIENCE_S
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def runners_leave() -> Any:
    import gc

    import daft

    import protoplast
    from protoplast.patches.auto_patch import patched_daft
    from tests.support.queries import ROWS, collected

    seen = []
    with patched_daft():
        kept = collected()
        dropped = collected()
        workers = {worker.pid for worker in protoplast.status().workers}
        assert len(workers) == 6
    assert wait_for_end(workers), "a retired fleet's workers end"
    seen.append(["data is wanted", wait_for_runners(1)])
    del dropped
    gc.collect()
    assert sorted(kept.to_pydict()["row"]) == list(range(ROWS))
    # The data is read by the workers of another runner, from its owner.
    assert kept.with_column("next", daft.col("row") + 1).count_rows() == ROWS
    seen.append(["some is wanted", runners()])
    del kept
    gc.collect()
    seen.append(["none is wanted", wait_for_runners(0)])

    for _ in range(3):
        with patched_daft():
            abandoned = (
                daft.from_pydict({"row": list(range(ROWS))}).into_partitions(8).iter_partitions()
            )
            next(abandoned)
            running = runners()
            abandoned.close()
        del abandoned
        gc.collect()
        seen.append(["a query was abandoned", running, wait_for_runners(0)])
    return seen


def test_a_runner_leaves_when_its_results_are_gone(cluster: str, scenarios: Scenarios) -> None:
    assert scenarios(runners_leave, address=cluster) == [
        ["data is wanted", 1],
        ["some is wanted", 1],
        ["none is wanted", 0],
        *([["a query was abandoned", 1, 0]] * 3),
    ]


def queries_keep_their_fleet() -> Any:
    import daft
    import ray

    import protoplast
    from protoplast.patches.daft_flotilla import apply_flotilla_patches, rollback_flotilla_patches
    from tests.support.queries import ROWS, collected, rows_by_process

    apply_flotilla_patches()
    source = collected()
    pids = {worker.pid for worker in protoplast.status().workers}
    running = daft.from_pydict({"row": list(range(ROWS))}).into_partitions(12).iter_partitions()
    first = next(running)
    rollback_flotilla_patches()
    # The query that runs holds its fleet; the next one has Daft's own workers.
    stock = set(rows_by_process())
    rest = list(running)
    assert sum(len(ray.get(part)) for part in [first, *rest]) == ROWS
    assert not stock & pids
    del first, rest, running, source

    # Two threads, each with a layout of its own, at the same time.
    answers: dict[str, int] = {}

    def query(layout: str) -> None:
        from protoplast.patches.auto_patch import patched_daft

        with patched_daft(layout):
            answers[layout] = sum(rows_by_process().values())

    threads = [threading.Thread(target=query, args=[name]) for name in ("per-core", "per-node")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S * 3)
    return [answers, wait_for_runners(0)]


def test_queries_keep_their_fleet(cluster: str, scenarios: Scenarios) -> None:
    answers, left = scenarios(queries_keep_their_fleet, address=cluster)
    assert answers == {"per-core": 96, "per-node": 96}
    assert left == 0
