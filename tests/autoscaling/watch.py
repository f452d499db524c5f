"""Sees which nodes there are, and what Ray's autoscaler is asked for. For the processes of tests."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import ray

_INTERVAL_S = 0.1


@dataclass
class Seen:
    """What a watch has seen.

    Args:
        most_nodes: The most made-up nodes that there were at a time.
        asked_cpus: The CPUs of each request to the autoscaler that differs from the one before; 0 first.
    """

    most_nodes: int = 0
    asked_cpus: list[int] = field(default_factory=lambda: [0])


class Watch:
    """Looks at the nodes and requests on a thread of its own, until it is left."""

    def __init__(self) -> None:
        self.seen = Seen()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Seen:
        self._thread.start()
        return self.seen

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()
        self._look()

    def _run(self) -> None:
        while not self._is_over.wait(_INTERVAL_S):
            self._look()

    def _look(self) -> None:
        self.seen.most_nodes = max(self.seen.most_nodes, len(nodes()))
        asked = cpus_asked()
        if asked != self.seen.asked_cpus[-1]:
            self.seen.asked_cpus.append(asked)


def nodes() -> list[str]:
    """The ids of the made-up nodes that are alive."""
    return [
        node["NodeID"]
        for node in ray.nodes()
        if node["Alive"] and "node:__internal_head__" not in node["Resources"]
    ]


def cpus_asked() -> int:
    """The CPUs of the last request to the autoscaler (`ray.autoscaler.sdk.request_resources`)."""
    from ray.autoscaler.v2.utils import is_autoscaler_v2

    return sum(bundle.get("CPU", 0) for bundle in (_v2() if is_autoscaler_v2() else _v1()))


def seconds_until_no_node(patience: float) -> float | None:
    """How long it takes until no made-up node is left; None if it takes longer."""
    begun = time.monotonic()
    while time.monotonic() - begun < patience:
        if not nodes():
            return round(time.monotonic() - begun, 1)
        time.sleep(_INTERVAL_S)
    return None


def _v1() -> list[dict[str, int]]:
    from ray._private.ray_constants import AUTOSCALER_RESOURCE_REQUEST_CHANNEL
    from ray.experimental.internal_kv import _internal_kv_get

    found = _internal_kv_get(AUTOSCALER_RESOURCE_REQUEST_CHANNEL)
    return [it.get("resources", it) for it in json.loads(found)] if found else []


def _v2() -> list[dict[str, int]]:
    from ray.autoscaler.v2.sdk import get_cluster_resource_state

    state: Any = get_cluster_resource_state(ray._private.worker.global_worker.gcs_client)
    return [
        {"CPU": int(request.request.resources_bundle.get("CPU", 0)) * request.count}
        for constraint in state.cluster_resource_constraints
        for request in constraint.resource_requests
    ]
