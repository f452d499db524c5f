"""Views of a cluster over the stand-in for Daft, and what is read off the workers that they start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from protoplast import Layout
from protoplast.runner.cluster_view import ClusterView
from protoplast.seams.rebind import Overlay
from tests.support import fake_flotilla as flotilla

SHARE = 50 << 30
NODES = [
    {
        "NodeID": "a",
        "Alive": True,
        "Resources": {"CPU": 2.0, "GPU": 1.0, "memory": 2.0 * SHARE, "x": 7},
    },
    {"NodeID": "b", "Alive": True, "Resources": {"CPU": 1.0, "memory": float(SHARE)}},
]


def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin a test with these nodes, nothing killed, and no variable set by the node's user."""
    monkeypatch.setattr(flotilla, "nodes", NODES)
    monkeypatch.setattr("protoplast._core.parent_variable", lambda name: None)
    flotilla.killed.clear()
    flotilla.requests.clear()


def view_of(layout: str, start: Callable[..., Any] = flotilla.start_ray_workers) -> ClusterView:
    return ClusterView(Layout.parse(layout), flotilla, start)


def ids(workers: Any) -> list[str]:
    return [worker.arguments[0] for worker in workers]


def environment_of(worker: Any) -> dict[str, str]:
    return environment_of_actor(actor_of(worker))


def actor_of(worker: Any) -> Any:
    """Return the actor behind the handles through which Daft reaches it."""
    found = worker.arguments[1]
    while isinstance(found, Overlay):
        found = vars(found)["_base"]
    return found


def environment_of_actor(actor: Any) -> dict[str, str]:
    environment: dict[str, str] = actor.options.get("runtime_env", {}).get("env_vars", {})
    return environment


def failing(worker_id: str, error: Exception) -> Callable[[Any], Any]:
    original = flotilla.set_up_answer

    def answer(actor: Any) -> Any:
        strategy = actor.options["scheduling_strategy"]
        return error if worker_id.startswith(strategy.node_id) else original(actor)

    return answer
