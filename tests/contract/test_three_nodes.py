"""On three unequal nodes of a cluster each layout has the workers that were planned."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.conftest import NODES
from tests.support.shared_driver import Scenarios

# By layout, of each worker of each node: CPUs, GPUs, MiB.
LAYOUTS = {
    "per-core": [[[1, 0, 1024]], [[1, 0, 1024]] * 3, [[1, 1, 512], [1, 0, 512]]],
    "per-node": [[[1, 0, 1024]], [[2, 1, 1024]], [[3, 0, 3072]]],
    "cpus-per-worker=2": [[[1, 0, 1024]], [[2, 0, 2048], [1, 0, 1024]], [[2, 1, 1024]]],
    "workers-per-node=2,max-workers=2": [
        [[1, 0, 1024]],
        [[1, 1, 512], [1, 0, 512]],
        [[2, 0, 2048], [1, 0, 1024]],
    ],
}


def workers_under(layouts: list[str]) -> Any:
    return {layout: workers_of(layout) for layout in layouts}


def workers_of(layout: str) -> Any:
    """Run a query under a layout and one after the rollback; returns who was there for them."""
    import ray

    import protoplast
    from protoplast.patches.daft_flotilla import (
        apply_flotilla_patches,
        rollback_flotilla_patches,
    )
    from tests.support.queries import rows_by_process

    apply_flotilla_patches(layout)
    patched = rows_by_process(parts=48)
    status = protoplast.status()
    planned = protoplast.plan(layout, ray.nodes())
    assert [(w.worker_id, w.node_id, w.cpus, w.gpus, w.memory_bytes) for w in planned.workers] == [
        (w.worker_id, w.node_id, w.cpus, w.gpus, w.memory_bytes) for w in status.workers
    ]
    rollback_flotilla_patches()
    stock = rows_by_process(parts=48)
    shares: dict[str, list[list[int]]] = {}
    for worker in status.workers:
        share = [worker.cpus, worker.gpus, worker.memory_bytes >> 20]
        shares.setdefault(worker.node_id, []).append(share)
    pids = {worker.pid for worker in status.workers}
    assert set(patched) == pids
    assert not set(stock) & pids
    return {"shares": sorted(shares.values()), "workers": len(pids), "stock": len(stock)}


@pytest.fixture(scope="module")
def found_under(cluster: str, scenarios: Scenarios) -> dict[str, Any]:
    """What there was under each layout, one after the other in one driver."""
    found: dict[str, Any] = scenarios(workers_under, list(LAYOUTS), address=cluster, timeout=170)
    return found


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_has_its_planned_workers_and_a_rollback_daft_s_own(
    layout: str, found_under: dict[str, Any]
) -> None:
    seen = found_under[layout]
    expected = LAYOUTS[layout]
    assert seen["shares"] == sorted(expected)
    assert seen["workers"] == sum(len(node) for node in expected)
    assert seen["stock"] == len(NODES)
