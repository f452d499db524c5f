"""`ray.nodes()` as a layout would have it, bound into Daft's own `start_ray_workers`.

Daft starts one worker for each node that it sees. Here it sees one virtual node for each worker of
the plan: its `NodeID` is the worker's id, its `Resources` are the worker's share, and an affinity to
it is an affinity to the real node. Daft's own code runs, so addresses, dashboards, extensions, event
logs, timeouts and the skipping of dead nodes stay as they are in each release.

This runs in the process of the runner actor.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from protoplast import _core, worker
from protoplast.daft_seams import rebound
from protoplast.errors import NotInEffectError

logger = logging.getLogger(__name__)

# How long a worker may take to be set up once it has started, in seconds.
SET_UP_TIMEOUT_S = 120.0


@dataclass(frozen=True)
class StartedWorker:
    """A worker that Daft has in service.

    Args:
        worker: The worker as planned and verified.
        actor: The handle of its actor.
    """

    worker: _core.Worker
    actor: Any


class ClusterView:
    """Stands in for `start_ray_workers` in the runner's process.

    Args:
        layout: The layout of the fleet.
        flotilla: The module `daft.runners.flotilla`.
        original: Daft's own `start_ray_workers`.
    """

    def __init__(self, layout: _core.Layout, flotilla: Any, original: Callable[..., Any]) -> None:
        self.layout = layout
        self._flotilla = flotilla
        self._original = original
        self._actor_class = flotilla.RaySwordfishActor
        self._worker_class = flotilla.RaySwordfishWorker
        self._head_node_id = flotilla.get_head_node_id
        self._started: dict[str, StartedWorker] = {}
        self._retired = False
        # Daft starts workers on a thread of its own, and may be at it when the view is retired.
        self._lock = threading.Lock()

    @property
    def started(self) -> list[StartedWorker]:
        """The workers that Daft has taken into service, the latest of each id."""
        return list(self._started.values())

    def __call__(
        self, existing_worker_ids: Sequence[str], *args: Any, **kwargs: Any
    ) -> Sequence[Any]:
        """Start the workers of the plan that do not exist yet, as Daft's own function would.

        Raises:
            NotInEffectError: Daft created other workers than planned. They have been ended.
            LayoutError: The cluster cannot be planned.
        """
        if self._retired:
            return []
        ray = self._flotilla.ray
        nodes = ray.nodes()
        plan = _core.plan(self.layout, nodes, list(existing_worker_ids))
        batch = _Batch(plan, nodes, self._actor_class, self._worker_class, ray)
        if args:  # Since 0.7.15: the patience for one worker a node.
            args = (plan.startup_timeout_s(args[0]), *args[1:])
        start = rebound(self._original, batch.names())
        try:
            handles: Sequence[Any] = start(existing_worker_ids, *args, **kwargs)
            batch.verify(len(handles))
            batch.finish_set_up()
        except BaseException:
            # What was half done is undone: no process stays that nobody knows of.
            _kill(ray, batch.actors.values())
            raise
        if not self._take_into_service(batch):
            _kill(ray, batch.actors.values())
            return []
        if plan.workers:
            logger.info(
                "layout %s: %d of %d new workers started",
                self.layout,
                len(batch.registered),
                len(plan),
            )
        return handles

    def head_worker_id(self) -> str | None:
        """Return the id of the head node's first worker, None where the head has none.

        Daft spares the worker whose id is the head node's when it scales in (`retire_idle_workers` in
        `worker_manager.rs`, 0.7.16 to 0.7.26); here no worker has that id. It asks at every tick.
        """
        head = self._head_node_id()
        nodes = [node for node in self._flotilla.ray.nodes() if node["NodeID"] == head]
        workers = _core.plan(self.layout, nodes).workers
        return workers[0].worker_id if workers else None

    def retire(self) -> None:
        """End the workers. No new ones are started by this view."""
        with self._lock:
            self._retired = True
            ended = self.started
            self._started.clear()
        _kill(self._flotilla.ray, [started.actor for started in ended])

    def _take_into_service(self, batch: _Batch) -> bool:
        with self._lock:
            if not self._retired:
                for taken in batch.registered:
                    actor = batch.actors[taken.worker_id]
                    self._started[taken.worker_id] = StartedWorker(taken, actor)
            return not self._retired


class Guard:
    """Stands in for a class of Daft's that only a `ClusterView` may start workers with.

    Were Daft to start its workers past the view, it would meet this instead, and the query fails
    before a worker of the wrong shape exists. All else passes through: Ray looks names up in the
    class when it pickles it.

    Args:
        name: The name of the class in `daft.runners.flotilla`.
        original: The class.
    """

    def __init__(self, name: str, original: Any) -> None:
        self._name = name
        self._original = original

    def __call__(self, *_args: Any, **_kwargs: Any) -> Any:
        """Refuse to start or register a worker."""
        raise NotInEffectError(
            f"Daft reached for {self._name} past protoplast's view of the cluster, so this query would "
            "have run on Daft's own workers. It was stopped. Run rollback_flotilla_patches() to use "
            "Daft's own workers, or a Daft release that protoplast supports"
        )

    options = remote = __call__

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)


def virtual_nodes(plan: _core.Plan, nodes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one node for each worker of the plan, in the shape of `ray.nodes()`.

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


@dataclass(frozen=True)
class _VirtualAffinity:
    """What Daft is given for an affinity to a virtual node."""

    node_id: str
    soft: bool = False


@dataclass
class _Batch:
    """What one call of `start_ray_workers` sees, and what it did."""

    plan: _core.Plan
    nodes: Sequence[Mapping[str, Any]]
    actor_class: Any
    worker_class: Any
    ray: Any
    created: list[_core.Worker] = field(default_factory=list)
    registered: list[_core.Worker] = field(default_factory=list)
    actors: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._planned = {planned.worker_id: planned for planned in self.plan.workers}
        self._set_ups: dict[str, Any] = {}

    def names(self) -> dict[str, Any]:
        """Return the global names that Daft's function sees in place of its module's."""
        strategies = _Overlay(
            self.ray.util.scheduling_strategies, NodeAffinitySchedulingStrategy=_VirtualAffinity
        )
        nodes = virtual_nodes(self.plan, self.nodes)
        return {
            "ray": _Overlay(
                self.ray,
                nodes=lambda: nodes,
                util=_Overlay(self.ray.util, scheduling_strategies=strategies),
            ),
            "RaySwordfishActor": _Overlay(self.actor_class, options=self._options),
            "RaySwordfishWorker": self._register,
        }

    def verify(self, returned: int) -> None:
        """Hold what was done against the plan.

        Args:
            returned: How many workers Daft's function returned.
        """
        _core.verify(self.plan, self.created, self.registered)
        if returned != len(self.registered):
            raise NotInEffectError(
                f"Daft returned {returned} workers but registered {len(self.registered)} under the "
                f"layout '{self.plan.layout}'. The query was stopped"
            )

    def finish_set_up(self) -> None:
        """Wait until the workers that Daft took into service are set up.

        Raises:
            NotInEffectError: One could not be; the message has its id.
        """
        for started in self.registered:
            reference = self._set_ups.get(started.worker_id)
            if reference is None:
                continue
            try:
                self.ray.get(reference, timeout=SET_UP_TIMEOUT_S)
            except self.ray.exceptions.ActorDiedError:
                # Daft meets it when it sends the first task, and starts another.
                logger.warning("worker %s died while it was set up", started.worker_id)
            except self.ray.exceptions.RayError as error:
                raise NotInEffectError(
                    f"worker '{started.worker_id}' could not be set up: {error}"
                ) from error

    def _options(self, **options: Any) -> Any:
        affinity = options.get("scheduling_strategy")
        if not isinstance(affinity, _VirtualAffinity) or affinity.node_id not in self._planned:
            raise NotInEffectError(
                f"Daft placed a worker by {affinity!r}, which is none of the planned workers of the "
                f"layout '{self.plan.layout}'. The query was stopped"
            )
        planned = self._planned[affinity.node_id]
        options["scheduling_strategy"] = (
            self.ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(
                node_id=planned.node_id, soft=affinity.soft
            )
        )
        actor_class = self.actor_class.options(**options)
        return _Overlay(actor_class, remote=lambda **kw: self._create(planned, actor_class, kw))

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
        actor = self.actors[planned.worker_id] = actor_class.remote(**arguments)
        if self.plan.layout.spreads_gpus:
            self._set_ups[planned.worker_id] = actor.__ray_call__.remote(worker.set_up, planned)
        return actor

    def _register(
        self, worker_id: str, handle: Any, cpus: int, gpus: int, memory_bytes: int, *rest: Any
    ) -> Any:
        planned = self._planned.get(worker_id)
        node_id, first_gpu = (planned.node_id, planned.first_gpu) if planned else ("", 0)
        self.registered.append(
            _core.Worker(worker_id, node_id, cpus, gpus, memory_bytes, first_gpu)
        )
        return self.worker_class(worker_id, handle, cpus, gpus, memory_bytes, *rest)


class _Overlay:
    """An object as it is, but for some of its attributes."""

    def __init__(self, base: Any, **replaced: Any) -> None:
        self._base = base
        self.__dict__.update(replaced)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._base, name)


def _kill(ray: Any, actors: Any) -> None:
    for actor in actors:
        # An actor that is dead already is as wanted.
        with contextlib.suppress(Exception):
            ray.kill(actor, no_restart=True)
