"""A stand-in for `daft.runners.flotilla`: the least that `start_ray_workers` of any release does."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

killed: list[Any] = []
nodes: list[dict[str, Any]] = []


class Strategy:
    """Stands in for Ray's own NodeAffinitySchedulingStrategy."""

    def __init__(self, node_id: str, soft: bool) -> None:
        self.node_id = node_id
        self.soft = soft


ray: Any = SimpleNamespace(
    nodes=lambda: nodes,
    kill=lambda actor, no_restart: killed.append(actor),
    util=SimpleNamespace(
        scheduling_strategies=SimpleNamespace(NodeAffinitySchedulingStrategy=Strategy)
    ),
)


class Actor:
    def __init__(self, options: dict[str, Any], arguments: dict[str, Any]) -> None:
        self.options = options
        self.arguments = arguments


class ActorClass:
    def options(self, **options: Any) -> Any:
        return SimpleNamespace(remote=lambda **arguments: Actor(options, arguments))


RaySwordfishActor: Any = ActorClass()


def RaySwordfishWorker(*arguments: Any) -> Any:  # noqa: N802
    return SimpleNamespace(arguments=arguments)


def get_head_node_id() -> str | None:
    return "b"


def before_registering() -> None:
    """Replaced by tests to do something while workers start."""


def start_ray_workers(existing_worker_ids: list[str], timeout: int = 120) -> list[Any]:
    started = []
    for node in ray.nodes():
        if node["NodeID"] in existing_worker_ids:
            continue
        strategy = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(
            node_id=node["NodeID"], soft=False
        )
        actor = RaySwordfishActor.options(scheduling_strategy=strategy).remote(
            num_cpus=int(node["Resources"]["CPU"]), num_gpus=int(node["Resources"].get("GPU", 0))
        )
        started.append((node, actor))
    before_registering()
    return [
        RaySwordfishWorker(
            node["NodeID"],
            actor,
            int(node["Resources"]["CPU"]),
            int(node["Resources"].get("GPU", 0)),
            int(node["Resources"]["memory"]),
            "10.0.0.1",
        )
        for node, actor in started
    ]
