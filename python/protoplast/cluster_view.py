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
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from protoplast import _core
from protoplast.batch import Batch
from protoplast.daft_seams import rebound
from protoplast.starts import Failures, Start

logger = logging.getLogger(__name__)

# How long a refresh waits for the workers that it starts, in seconds. Daft sends no task and reads no
# result meanwhile; what takes longer is handed over at the next refresh.
REFRESH_PATIENCE_S = 2.0

# How many nodes are refreshed side by side, each on a thread.
_MOST_STARTS = 32


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

    Daft calls it when a query begins and every 5 s while one runs, with the ids of the workers that it
    has. Where it has none, it gets all of them, started as by its own function. Where it has some,
    those that are missing are started beside them, node by node, so that a node that is slow or
    refuses holds nothing up.

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
        self._starts: list[Start] = []
        self._failures = Failures()
        self._retired = False
        # Workers are started on several threads, and may be when the view is retired.
        self._lock = threading.Lock()

    @property
    def started(self) -> list[StartedWorker]:
        """The workers that Daft has taken into service, the latest of each id."""
        return list(self._started.values())

    @property
    def failed(self) -> list[str]:
        """The ids of the workers that could not be started when they were last tried."""
        return self._failures.failed()

    def __call__(
        self, existing_worker_ids: Sequence[str], *args: Any, **kwargs: Any
    ) -> Sequence[Any]:
        """Start the workers of the plan that do not exist yet, as Daft's own function would.

        Raises:
            NotInEffectError: Daft had no worker, and created others than planned. They have been ended.
            LayoutError: The cluster cannot be planned.
        """
        if self._retired:
            return []
        nodes = self._flotilla.ray.nodes()
        if not existing_worker_ids:
            # Nothing can run without workers, so those on their way are waited for, and those that
            # could not be started are tried at once.
            if handles := self._handed_over(None):
                return handles
            return self._start(_core.plan(self.layout, nodes), nodes, [], args, kwargs)
        known = [*existing_worker_ids, *self._failures.waiting()]
        known += [worker_id for start in self._starts for worker_id in start.worker_ids]
        plan = _core.plan(self.layout, nodes, known)
        for of_node in plan.by_node(_MOST_STARTS):
            self._start_beside(of_node, nodes, existing_worker_ids, args, kwargs)
        return self._handed_over(REFRESH_PATIENCE_S)

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

    def _start_beside(
        self,
        plan: _core.Plan,
        nodes: Sequence[Any],
        existing: Sequence[str],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> None:
        ids = [planned.worker_id for planned in plan.workers]
        self._starts.append(Start(ids, lambda: self._start(plan, nodes, existing, args, kwargs)))

    def _handed_over(self, patience: float | None) -> list[Any]:
        """Return what was started beside, once; waits for it as long as that, or to its end."""
        deadline = None if patience is None else time.monotonic() + patience
        on_their_way: list[Start] = []
        handles: list[Any] = []
        for start in self._starts:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            if start.has_ended(left):
                handles += start.handles
            else:
                on_their_way.append(start)
        self._starts = on_their_way
        return handles

    def _start(
        self,
        plan: _core.Plan,
        nodes: Sequence[Any],
        existing: Sequence[str],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Sequence[Any]:
        ray = self._flotilla.ray
        batch = Batch(plan, nodes, self._actor_class, self._worker_class, ray)
        if args:  # Since 0.7.15: the patience for one worker a node.
            args = (plan.startup_timeout_s(args[0]), *args[1:])
        start = rebound(self._original, batch.names())
        try:
            handles: Sequence[Any] = start(existing, *args, **kwargs)
            batch.verify(len(handles))
            batch.finish_set_up()
        except BaseException:
            # What was half done is undone: no process stays that nobody knows of.
            _kill(ray, batch.actors.values())
            self._note(plan, [])
            raise
        self._note(plan, batch.registered)
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

    def _note(self, plan: _core.Plan, registered: Iterable[_core.Worker]) -> None:
        tried = [planned.worker_id for planned in plan.workers]
        with self._lock:
            self._failures.note(tried, [started.worker_id for started in registered])

    def _take_into_service(self, batch: Batch) -> bool:
        with self._lock:
            if not self._retired:
                for taken in batch.registered:
                    actor = batch.actors[taken.worker_id]
                    self._started[taken.worker_id] = StartedWorker(taken, actor)
            return not self._retired


def _kill(ray: Any, actors: Any) -> None:
    for actor in actors:
        # An actor that is dead already is as wanted.
        with contextlib.suppress(Exception):
            ray.kill(actor, no_restart=True)
