"""The patch is in effect in whatever order a user does things, and however Ray was started."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.process import RAY_RUNNER, in_new_process


def run_steps(steps: list[str], address: str | None) -> Any:
    """Do the steps in their order; the last query has to run under the layout."""
    import importlib
    import sys

    import protoplast
    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from tests.support.queries import choose_runner, rows_by_process

    def start_ray() -> None:
        import ray

        ray.init(num_cpus=2, log_to_driver=False, include_dashboard=False)

    def join_cluster() -> None:
        import ray

        ray.init(address, log_to_driver=False)

    known: dict[str, Callable[[], Any]] = {
        "apply": apply_flotilla_patches,
        "import daft": lambda: importlib.import_module("daft"),
        "choose runner": lambda: choose_runner("ray"),
        "start ray": start_ray,
        "join cluster": join_cluster,
        "query": rows_by_process,
    }
    assert "daft" not in sys.modules
    assert "ray" not in sys.modules
    rows: Any = None
    for step in steps:
        rows = known[step]()
    status = protoplast.status()
    import ray

    assert len(ray.nodes()) == (3 if address else 1)
    planned = protoplast.plan("per-core", ray.nodes())
    assert status.in_effect, status
    assert {w.worker_id for w in status.workers} == {w.worker_id for w in planned.workers}
    assert set(rows) <= {w.pid for w in status.workers}
    return len(rows)


@pytest.mark.parametrize(
    "steps",
    [
        ["apply", "import daft", "choose runner", "query"],
        ["import daft", "choose runner", "query", "apply", "query"],
        ["start ray", "import daft", "choose runner", "apply", "query"],
    ],
    ids=" > ".join,
)
def test_in_effect_on_a_ray_that_the_process_starts(steps: list[str]) -> None:
    assert in_new_process(run_steps, steps, None) >= 2


@pytest.mark.parametrize(
    "steps",
    [
        ["apply", "join cluster", "import daft", "choose runner", "query"],
        ["import daft", "apply", "choose runner", "query"],
        ["join cluster", "apply", "query"],
    ],
    ids=" > ".join,
)
def test_in_effect_on_a_cluster_that_the_process_joins(cluster: str, steps: list[str]) -> None:
    # Without a choice of runner, Daft takes Ray's from the variable. Without a step that joins the
    # cluster, Daft does by Ray's own variable.
    environment = {} if "choose runner" in steps else dict(RAY_RUNNER)
    if "join cluster" not in steps:
        environment["RAY_ADDRESS"] = cluster
    assert in_new_process(run_steps, steps, cluster, environment=environment) >= 2
