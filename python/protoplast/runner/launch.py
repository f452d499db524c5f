"""One call of Daft's `start_ray_workers`: what Daft sees and creates, and whether that is the plan."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from protoplast import _core
from protoplast.errors import NotInEffectError
from protoplast.runner.groups.group import Member
from protoplast.runner.instances.routing import INSTANCES, RoutedWorker
from protoplast.runner.profiling.recording import RECORDING
from protoplast.runner.whole_workers import WORKERS
from protoplast.runner.worker_setup import WorkerSetup
from protoplast.seams import runner_actor
from protoplast.seams.actor_names import worker_name
from protoplast.seams.rebind import Overlay


def virtual_nodes(plan: _core.Plan, nodes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one virtual node for each worker of the plan, in the shape of `ray.nodes()`.

    Args:
        plan: The workers to start.
        nodes: The real nodes, as `ray.nodes()` gives them.
    """
    real = {node["NodeID"]: node for node in nodes}
    virtual = []
    for planned in plan.workers:
        node = real[planned.node_id]
        share = {"CPU": planned.cpus, "GPU": planned.gpus, "memory": planned.memory_bytes}
        virtual.append(
            {
                **node,
                "NodeID": planned.worker_id,
                "Resources": {**node["Resources"], **{k: float(v) for k, v in share.items()}},
            }
        )
    return virtual


# The id of a worker, and the handle by which Daft knows it.
Handle = tuple[str, Any]


@dataclass(frozen=True)
class StartCall:
    """The arguments of one call of Daft's, and the nodes at that time."""

    nodes: Sequence[Any]
    existing: Sequence[str]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


@dataclass(frozen=True)
class _VirtualAffinity:
    """Stands in for Ray's node affinity, and names a virtual node."""

    node_id: str
    soft: bool = False


@dataclass
class WorkerLaunch:
    """What one call of `start_ray_workers` sees, and what it has created.

    Args:
        plan: The workers to start.
        nodes: The real nodes, as `ray.nodes()` gives them.
        actor_class: Daft's `RaySwordfishActor`.
        worker_class: Daft's `RaySwordfishWorker`.
        ray: The `ray` module.
        in_prestarted_processes: Whether workers may start in processes that Ray has prestarted.
        created: The workers whose actors Daft has created.
        registered: The workers that Daft has registered.
        actors: The handles of the created actors, by worker id.
        members: What groups of workers need of those that Daft has registered, by worker id.
    """

    plan: _core.Plan
    nodes: Sequence[Mapping[str, Any]]
    actor_class: Any
    worker_class: Any
    ray: Any
    in_prestarted_processes: bool
    created: list[_core.Worker] = field(default_factory=list)
    registered: list[_core.Worker] = field(default_factory=list)
    actors: dict[str, Any] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._planned = {planned.worker_id: planned for planned in self.plan.workers}
        self._setup = WorkerSetup(
            self.plan, self.nodes, self.ray, in_prestarted_processes=self.in_prestarted_processes
        )

    @property
    def unfit(self) -> _core.Plan:
        """The plan of the workers whose processes could not take their shares and were ended."""
        return self.plan.only(self._setup.unfit)

    def names(self) -> dict[str, Any]:
        """Return the global names that `start_ray_workers` sees in place of its module's own."""
        strategies = Overlay(
            self.ray.util.scheduling_strategies, **{runner_actor.AFFINITY: _VirtualAffinity}
        )
        nodes = virtual_nodes(self.plan, self.nodes)
        return {
            "ray": Overlay(
                self.ray,
                nodes=lambda: nodes,
                util=Overlay(self.ray.util, scheduling_strategies=strategies),
            ),
            runner_actor.WORKER_ACTOR: Overlay(self.actor_class, options=self._options),
            runner_actor.WORKER_HANDLE: self._register,
        }

    def verify(self, returned: int) -> None:
        """Check that Daft created and registered the workers of the plan, and no others.

        Args:
            returned: How many workers Daft's function returned.

        Raises:
            NotInEffectError: Daft created, registered or returned other workers.
        """
        _core.check_created(self.plan, self.created, self.registered)
        if returned != len(self.registered):
            raise NotInEffectError(
                f"Daft returned {returned} workers but registered {len(self.registered)} under the "
                f"layout '{self.plan.layout}'. The query was stopped"
            )

    def set_up(self, handles: Sequence[Any], timeout: float) -> list[Any]:
        """Wait until the registered workers are set up, and end those that do not come up.

        Afterwards `registered` holds only the workers that are set up.

        Args:
            handles: What Daft returned, in the order in which it registered the workers.
            timeout: Seconds to wait for all workers together.

        Returns:
            The handles of the workers that are set up.

        Raises:
            NotInEffectError: A worker could not be set up.
        """
        deadline = time.monotonic() + timeout
        up, registered = [], []
        for handle, started in zip(handles, self.registered, strict=True):
            left = max(0.0, deadline - time.monotonic())
            if self._setup.finish(self._planned[started.worker_id], left):
                up.append(handle)
                registered.append(started)
            else:
                kill(self.ray, [self.actors.pop(started.worker_id)])
        self.registered = registered
        return up

    def up(self) -> set[str]:
        """Return the ids of the workers that have set themselves up so far. Does not wait."""
        return self._setup.answered()

    def _options(self, **options: Any) -> Any:
        affinity = options.get("scheduling_strategy")
        if not isinstance(affinity, _VirtualAffinity) or affinity.node_id not in self._planned:
            raise NotInEffectError(
                f"Daft placed a worker by {affinity!r}, which names no planned worker of the layout "
                f"'{self.plan.layout}'. The query was stopped"
            )
        planned = self._planned[affinity.node_id]
        options["scheduling_strategy"] = (
            self.ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(
                node_id=planned.node_id, soft=affinity.soft
            )
        )
        # Daft's own workers get a name too, which does not change how long they live. If Daft gives a
        # name, it stays, because Daft may look it up (0.5.22 to 0.7.26 give none).
        options = {"name": worker_name(planned.worker_id, self.ray), **options}
        actor_class = self.actor_class.options(**self._setup.options(planned, options))
        return Overlay(actor_class, remote=lambda **kw: self._create(planned, actor_class, kw))

    def _create(self, planned: _core.Worker, actor_class: Any, arguments: dict[str, Any]) -> Any:
        self.created.append(
            _core.Worker(
                planned.worker_id,
                planned.node_id,
                arguments["num_cpus"],
                arguments["num_gpus"],
                planned.memory_bytes,
                planned.first_gpu,
            )
        )
        # Daft's actor starts `num_cpus` compute threads (`__init__` of `RaySwordfishActor`).
        arguments = {**arguments, "num_cpus": planned.threads}
        actor = self.actors[planned.worker_id] = actor_class.remote(**arguments)
        self._setup.begin(planned, actor)
        return actor

    def _register(
        self, worker_id: str, handle: Any, cpus: int, gpus: int, memory_bytes: int, *rest: Any
    ) -> Any:
        planned = self._planned.get(worker_id)
        node_id, first_gpu = (planned.node_id, planned.first_gpu) if planned else ("", 0)
        self.registered.append(
            _core.Worker(worker_id, node_id, cpus, gpus, memory_bytes, first_gpu)
        )
        if planned is not None:
            # `_options` has planned the worker, so its actor is there.
            actor = self.actors[worker_id]
            RECORDING.add_worker(planned, actor, handle)
            keep_s = self.plan.layout.keep_seconds(self._node(node_id)) or 0
            handle = INSTANCES.handle_of(RoutedWorker(planned, actor, handle, keep_s))
            handle = WORKERS.handle_of(worker_id, handle)
            self.members[worker_id] = Member(planned, handle, rest)
        return self.worker_class(worker_id, handle, cpus, gpus, memory_bytes, *rest)

    def _node(self, node_id: str) -> Mapping[str, Any]:
        return next(node for node in self.nodes if node["NodeID"] == node_id)


def kill(ray: Any, actors: Iterable[Any]) -> None:
    """End actors, and ignore those that are dead already."""
    for actor in actors:
        with contextlib.suppress(Exception):
            ray.kill(actor, no_restart=True)
