"""A profile through a Ray Client."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import pytest

from protoplast.seams.check import release
from protoplast.seams.profiling.tasks import NOTES
from tests.profiling.facts import good, record_of
from tests.support.held_cluster import TOKENS, held_cluster
from tests.support.process import RAY_RUNNER, ROOT, in_new_process

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        release(version("daft")) < release(NOTES.since),
        reason="the workers of this Daft do not say when they begin a task",
    ),
]

ROWS = 12


def by_client(address: str) -> Any:
    import ray

    import protoplast
    from protoplast.patches.daft_flotilla import apply_flotilla_patches, rollback_flotilla_patches
    from tests.support.fault_queries import slow_squares

    ray.init(address, log_to_driver=False)
    apply_flotilla_patches("per-core")
    df = slow_squares(ROWS, 0.01)
    record = record_of(protoplast.profile(df))
    rollback_flotilla_patches()
    return [len(df), sum(bool(task["functions"]) for task in good(record)), len(record["workers"])]


def test_a_ray_client() -> None:
    # A Ray Client does not tell workers where the modules of tests are.
    settings = {**TOKENS, "PYTHONPATH": str(ROOT)}
    with held_cluster(settings, num_cpus=2, memory=1 << 30) as reached:
        found = in_new_process(by_client, reached["client"], environment={**RAY_RUNNER, **TOKENS})
    assert found == [ROWS, ROWS, 2]
