"""On one node of 4 CPUs there is one worker per core, and Daft's own again after a rollback."""

from __future__ import annotations

from typing import Any

from tests.support.shared_driver import Scenarios

CPUS = 4


def patched_and_rolled_back() -> Any:
    import daft
    import ray

    import protoplast
    from protoplast.patches.daft_flotilla import (
        apply_flotilla_patches,
        rollback_flotilla_patches,
    )
    from tests.support.queries import (
        ROWS,
        assert_untouched,
        collected,
        daft_attributes,
        rows_by_process,
    )

    before = daft_attributes()
    stock_before = collected()

    apply_flotilla_patches()
    waiting = protoplast.status()
    assert waiting.applied
    assert not waiting.in_effect
    patched_df = collected()
    patched = rows_by_process()
    status = protoplast.status()
    # What was collected on other workers is readable, and an input as well.
    assert sorted(stock_before.to_pydict()["row"]) == list(range(ROWS))
    assert stock_before.with_column("next", daft.col("row") + 1).count_rows() == ROWS

    rollback_flotilla_patches()
    assert_untouched(before)
    stock = rows_by_process()
    after = protoplast.status()
    assert sorted(patched_df.to_pydict()["row"]) == list(range(ROWS))
    assert sum(patched_df.select(daft.col("row") * 2).to_pydict()["row"]) == ROWS * (ROWS - 1)
    node = ray.nodes()[0]
    return {
        "node": node["NodeID"],
        "memory": node["Resources"]["memory"],
        "in_effect": status.in_effect,
        "layout": str(status.layout),
        "workers": [
            [w.worker_id, w.node_id, w.pid, w.cpus, w.gpus, w.memory_bytes, w.state]
            for w in status.workers
        ],
        "patched": {str(pid): rows for pid, rows in patched.items()},
        "stock": {str(pid): rows for pid, rows in stock.items()},
        "after": [after.in_effect, after.reason, len(after.workers)],
        "text": str(status),
    }


def test_one_worker_per_core_and_back(scenarios: Scenarios) -> None:
    seen = scenarios(patched_and_rolled_back, cpus=CPUS, gpus=2)

    assert seen["in_effect"]
    assert seen["layout"] == "per-core"
    workers = seen["workers"]
    assert [worker[0] for worker in workers] == [f"{seen['node']}_cpu_{i}" for i in range(CPUS)]
    assert {worker[1] for worker in workers} == {seen["node"]}
    assert [worker[3] for worker in workers] == [1] * CPUS
    assert [worker[4] for worker in workers] == [2, 0, 0, 0]
    assert {worker[5] for worker in workers} == {int(seen["memory"]) // CPUS}
    assert {worker[6] for worker in workers} == {"alive"}
    pids = {str(worker[2]) for worker in workers}
    assert len(pids) == CPUS
    assert set(seen["patched"]) == pids, "every worker, and nothing else, did rows"

    assert len(seen["stock"]) == 1, "after rollback one worker does all rows"
    assert not set(seen["stock"]) & pids
    assert seen["after"] == [False, "the patch is not applied", 0]
    assert all(worker[0] in seen["text"] for worker in workers)
