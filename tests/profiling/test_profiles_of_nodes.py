"""Profiles on several nodes."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import pytest

from protoplast.seams.check import release
from protoplast.seams.profiling.tasks import NOTES
from tests.profiling.facts import good, record_of
from tests.support.shared_driver import Scenarios

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        release(version("daft")) < release(NOTES.since),
        reason="the workers of this Daft do not say when they begin a task",
    ),
]

NODES = (1, 2, 3)
ROWS = 48


@pytest.fixture(scope="module")
def cluster(scenarios: Scenarios) -> Iterator[str]:
    from ray.cluster_utils import Cluster

    cluster = Cluster()
    for cpus in NODES:
        cluster.add_node(num_cpus=cpus, memory=1 << 30, include_dashboard=False)
    yield cluster.address
    scenarios.end()  # Its driver may be on this cluster.
    cluster.shutdown()


def on_nodes(layout: str) -> Any:
    import ray

    import protoplast
    from protoplast.patches.auto_patch import patched_daft
    from tests.support.fault_queries import slow_squares

    with patched_daft(layout):
        for _ in range(2):  # The second one finds all workers up.
            df = slow_squares(ROWS, 0.05)
            record = record_of(protoplast.profile(df))
        pids = {did["pid"] for did in df.to_pydict()["did"]}
    used = {record["workers"][task["worker"]]["id"] for task in good(record) if task["functions"]}
    return {
        "workers": len(record["workers"]),
        "slots": sum(worker["slots"] for worker in record["workers"]),
        "nodes": {node["name"] for node in record["nodes"]} == {n["NodeID"] for n in ray.nodes()},
        "used": len(used),
        "processes": len(pids),
        "up": sorted({worker["up_us"] for worker in record["workers"]}),
        "tasks": sum(bool(task["functions"]) for task in record["tasks"]),
    }


@pytest.mark.parametrize("layout", ["per-core", "per-node"])
def test_the_workers_of_three_nodes(layout: str, cluster: str, scenarios: Scenarios) -> None:
    found = scenarios(on_nodes, layout, address=cluster)
    workers = {"per-core": sum(NODES), "per-node": len(NODES)}[layout]
    assert found["workers"] == workers
    assert found["slots"] == sum(NODES)
    assert found["nodes"]
    assert found["used"] == found["processes"] == workers
    assert found["up"] == [0]
    assert found["tasks"] == ROWS
