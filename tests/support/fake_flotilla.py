"""A stand-in for `daft.runners.flotilla`: the least that `start_ray_workers` of any release does."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from protoplast import _core

killed: list[Any] = []
# The bundles of each request to an autoscaler.
requests: list[Any] = []
nodes: list[dict[str, Any]] = []
# What Daft starts workers with besides, such as its dashboard's environment.
extra_options: dict[str, Any] = {}


class Strategy:
    """Stands in for Ray's own NodeAffinitySchedulingStrategy."""

    def __init__(self, node_id: str, soft: bool) -> None:
        self.node_id = node_id
        self.soft = soft


class RayError(Exception):
    pass


class ActorDiedError(RayError):
    pass


class GetTimeoutError(RayError):
    pass


def get(answer: Any, timeout: float) -> Any:
    """Answer what a call into an actor has as its answer, or raise it."""
    if isinstance(answer, Exception):
        raise answer
    return answer


ray: Any = SimpleNamespace(
    nodes=lambda: nodes,
    kill=lambda actor, no_restart: killed.append(actor),
    get=get,
    exceptions=SimpleNamespace(
        RayError=RayError, ActorDiedError=ActorDiedError, GetTimeoutError=GetTimeoutError
    ),
    get_runtime_context=lambda: SimpleNamespace(
        runtime_env={"env_vars": {"OMP_NUM_THREADS": "5"}},
        get_actor_name=lambda: "protoplast-runner-01000000-f1ee7000-per-core,memory=0.5",
    ),
    util=SimpleNamespace(
        scheduling_strategies=SimpleNamespace(NodeAffinitySchedulingStrategy=Strategy)
    ),
)


class Actor:
    def __init__(self, options: dict[str, Any], arguments: dict[str, Any]) -> None:
        self.options = options
        self.arguments = arguments
        self.calls: list[tuple[Any, ...]] = []
        self.__ray_call__ = SimpleNamespace(remote=self._call)

    def shutdown(self) -> None:
        killed.append(self)

    def _call(self, *call: Any) -> Any:
        self.calls.append(call)
        return set_up_answer(self)


class ActorClass:
    def options(self, **options: Any) -> Any:
        return SimpleNamespace(remote=lambda **arguments: Actor(options, arguments))


RaySwordfishActor: Any = ActorClass()


def RaySwordfishWorker(*arguments: Any) -> Any:  # noqa: N802
    return SimpleNamespace(arguments=arguments)


def get_head_node_id() -> str | None:
    return "b"


def try_autoscale(bundles: list[dict[str, int]]) -> None:
    requests.append(bundles)


def clear_autoscaling_requests() -> None:
    """What says that this Daft scales in."""


def set_up_answer(actor: Actor) -> Any:
    """What the call that sets a worker up has as its answer; replaced by tests."""
    _, planned, set_by_call = actor.calls[-1]
    started_with = actor.options.get("runtime_env", {}).get("env_vars", {})
    return _core.worker_report(planned, planned.node_id, {**started_with, **(set_by_call or {})})


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
        actor = RaySwordfishActor.options(scheduling_strategy=strategy, **extra_options).remote(
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
