"""The cluster that the tests of the contract share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.shared_driver import Scenarios

# CPUs, GPUs and memory of the nodes of the shared cluster; the first is the head.
NODES = (
    {"num_cpus": 1, "memory": 1 << 30},
    {"num_cpus": 2, "num_gpus": 1, "memory": 1 << 30},
    {"num_cpus": 3, "memory": 3 << 30},
)


@pytest.fixture(scope="package")
def cluster(scenarios: Scenarios) -> Iterator[str]:
    """The address of a Ray cluster of three unequal nodes, shared by the tests of this folder."""
    from ray.cluster_utils import Cluster

    cluster = Cluster()
    for node in NODES:
        cluster.add_node(**node, include_dashboard=False)
    yield cluster.address
    scenarios.end()  # Its driver may be on this cluster.
    cluster.shutdown()
