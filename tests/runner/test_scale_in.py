"""Daft's own scale-in spares the head, and what it ended comes back when it is needed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.process import RAY_RUNNER, in_new_process

CPUS = 3

# Idle workers go after a second, and no number of them has to stay.
SCALE_IN = {
    "DAFT_AUTOSCALING_DOWNSCALE_ENABLED": "1",
    "DAFT_AUTOSCALING_DOWNSCALE_IDLE_SECONDS": "1",
    "DAFT_AUTOSCALING_MIN_SURVIVOR_WORKERS": "0",
}


def scaled_in() -> Any:
    import daft
    import daft.runners.flotilla
    import ray

    import protoplast
    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    @daft.func(return_dtype=daft.DataType.int64())
    def pid(_row: int) -> int:
        import os
        import time

        time.sleep(0.5)
        return os.getpid()

    ray.init(num_cpus=CPUS, log_to_driver=False, include_dashboard=False)
    apply_flotilla_patches()
    seen = []
    for _ in range(2):
        # Long enough on one worker that Daft asks for more.
        df = daft.from_pydict({"row": list(range(40))}).into_partitions(20)
        did_rows = len(set(df.select(pid(daft.col("row"))).to_pydict()["row"]))
        # Daft ends what is idle when a query ends, whatever the time is.
        workers = protoplast.status().workers
        seen.append([did_rows, {w.worker_id[-1]: [w.state, w.pid] for w in workers}])
    return [*seen, hasattr(daft.runners.flotilla, "clear_autoscaling_requests")]


@pytest.mark.chaos
def test_the_head_is_spared_and_workers_come_back() -> None:
    first, second, scales_in = in_new_process(scaled_in, environment={**RAY_RUNNER, **SCALE_IN})
    (did_rows, workers), (did_rows_again, workers_again) = first, second
    # An older Daft has no scale-in, and leaves all workers.
    others = ["dead" if scales_in else "alive"] * (CPUS - 1)
    for found in (workers, workers_again):
        assert [state for state, _ in found.values()] == ["alive", *others]
    assert workers["0"] == workers_again["0"], "the head's first worker is spared"
    assert did_rows == did_rows_again == CPUS, "the others come back when they are needed"
