"""The cluster view: Daft's own `start_ray_workers`, with one virtual node for each planned worker.

Daft starts one worker on each node that `ray.nodes()` lists. The view lists one virtual node for each
worker of the plan: the `NodeID` is the worker's id, the `Resources` are the worker's share, and an
affinity to the virtual node becomes an affinity to the real one. Daft's own code runs, so addresses,
dashboards, extensions, event logs, timeouts and the skipping of dead nodes are those of the installed
release.

The view lives in the process of the runner actor.
"""

from __future__ import annotations

import copy
import functools
import gc
import logging
import math
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from protoplast import _core
from protoplast.errors import NotInEffectError
from protoplast.runner.background import BackgroundStart, Failures
from protoplast.runner.groups.fleet_groups import WorkerGroups
from protoplast.runner.groups.group import Member
from protoplast.runner.launch import Handle, StartCall, WorkerLaunch, kill
from protoplast.runner.messages import StartedWorker, StartupProgress
from protoplast.runner.whole_workers import WORKERS
from protoplast.seams import runner_actor
from protoplast.seams.rebind import rebound
from protoplast.worker.node_facts import with_facts

logger = logging.getLogger(__name__)

# How long a refresh waits for the workers that it starts, in seconds. Daft sends no task and reads no
# result meanwhile. Workers that take longer are handed over at the next refresh.
REFRESH_PATIENCE_S = 2.0

# How often workers are asked for while only queries run of which each runs on one worker, in seconds, as
# Daft does while other queries run.
REFRESH_INTERVAL_S = 5.0

# How long after the first workers the later ones start, in seconds. Starting a worker keeps a core busy,
# and the first answer of a short query must not wait for that.
REST_DELAY_S = 2.0

# How long one worker per node may take to start if Daft passes no timeout, in seconds. Daft's own
# default is the same (DEFAULT_WORKER_STARTUP_TIMEOUT, since 0.7.15).
START_PATIENCE_S = 120

# How often it is seen whether workers have come up that nobody asks for any more, in seconds.
_SCALE_IN_INTERVAL_S = 0.5

# The most groups of nodes whose workers are started at the same time, each on a thread.
_MOST_STARTS = 32


class ClusterView:
    """Stands in for `start_ray_workers` in the runner's process.

    Daft calls it when a query begins, and every 5 s while one runs, with the ids of the workers that it
    has. If Daft has no workers, the call starts all of them and waits; under a layout that starts
    progressively it waits for the first worker of each node, and the others join later. If Daft has
    workers, the missing ones start on threads, node by node, so that a node that is slow or refuses
    workers does not hold up the query.

    Args:
        layout: The layout of the fleet.
        flotilla: The module `daft.runners.flotilla`.
        original: Daft's own `start_ray_workers`.
    """

    def __init__(self, layout: _core.Layout, flotilla: Any, original: Callable[..., Any]) -> None:
        self.layout = layout
        self.flotilla = flotilla
        self._original = original
        self._actor_class = getattr(flotilla, runner_actor.WORKER_ACTOR)
        self._worker_class = getattr(flotilla, runner_actor.WORKER_HANDLE)
        self._head_node_id = runner_actor.head_node_id(flotilla)
        self._request = runner_actor.autoscaler_request(flotilla)
        # Whether workers may start in processes that Ray has prestarted.
        self._in_prestarted_processes = True
        self._begin()

    def _begin(self) -> None:
        self._started: dict[str, StartedWorker] = {}
        self._starts: list[BackgroundStart] = []
        self._failures = Failures()
        self._tried: dict[str, _core.Worker] = {}
        # The ids of the workers that the fleet began with, and the launches in progress.
        self._first: frozenset[str] = frozenset()
        self._launches: list[WorkerLaunch] = []
        self._retired = False
        # Several threads start workers, also while another thread retires the view.
        self._lock = threading.Lock()
        # Held by whoever asks for workers: Daft, or a query that runs on one worker.
        self._asking = threading.Lock()
        # The workers that were started for such a query, until Daft asks for workers.
        self._unclaimed: list[Handle] = []
        self._asked_at = -math.inf
        self._asks = 0  # How often workers were asked for.
        self._groups = WorkerGroups(self._worker_class)
        # What groups need of the workers that Daft has no handle of yet, by their id.
        self._members: dict[str, Member] = {}

    def renewed(self) -> ClusterView:
        """Return a view of the same layout that has no workers. This view stays retired."""
        view = copy.copy(self)
        view._begin()
        return view

    @property
    def started(self) -> list[StartedWorker]:
        """The workers that Daft has taken into service, the latest one of each id."""
        return list(self._started.values())

    @property
    def failed(self) -> list[_core.Worker]:
        """The planned workers on live nodes that could not be started when they were last tried."""
        there = {node["NodeID"] for node in self.flotilla.ray.nodes() if node.get("Alive", True)}
        with self._lock:
            failed = [self._tried[worker_id] for worker_id in self._failures.failed()]
        return [planned for planned in failed if planned.node_id in there]

    def startup_progress(self) -> StartupProgress:
        """Return how many of the workers that the fleet began with are up."""
        with self._lock:
            up, tried, begun = set(self._started), set(self._tried), list(self._launches)
        up = up.union(*(launch.up() for launch in begun)) & self._first
        is_starting = not self._retired and not (self._first and tried >= self._first)
        return StartupProgress(len(up), len(self._first), is_starting)

    def __call__(
        self, existing_worker_ids: Sequence[str], *args: Any, **kwargs: Any
    ) -> Sequence[Any]:
        """Start the workers of the plan that do not exist yet, and return their handles.

        Args:
            existing_worker_ids: The ids of the workers and of the groups of workers that Daft has.
            *args: The other positional arguments of Daft's `start_ray_workers`.
            **kwargs: The keyword arguments of Daft's `start_ray_workers`.

        Raises:
            NotInEffectError: Daft had no worker, and created other workers than planned, which were
                ended.
            LayoutError: A node of the cluster cannot be laid out.
        """
        with self._asking:
            found, self._unclaimed = self._unclaimed, []
            known = self._groups.worker_ids(existing_worker_ids)
            known += [worker_id for worker_id, _ in found]
            found = [*found, *self._started_for(known, args, kwargs)]
            with self._lock:
                fleet_workers = max(len(self._tried), len(self._first))
                members = [self._members.pop(worker_id) for worker_id, _ in found]
            return self._groups.grouped(members, [handle for _, handle in found], fleet_workers)

    def ready(self, *args: Any) -> list[StartedWorker]:
        """Return the workers in service, and start those of the plan if there are none.

        Daft gets the handles of the workers that are started here when it next asks.

        Args:
            *args: The positional arguments of Daft's `start_ray_workers` after the first.

        Raises:
            NotInEffectError: Daft created other workers than planned, which were ended.
            LayoutError: A node of the cluster cannot be laid out.
        """
        with self._asking:
            if time.monotonic() - self._asked_at > REFRESH_INTERVAL_S:
                self._unclaimed += self._started_for(list(self._started), args, {})
        return self.started

    def forget(self, died: StartedWorker) -> None:
        """Take a worker out of service that has died, so that another one starts in its place.

        Args:
            died: The worker.
        """
        with self._lock:
            if self._started.get(died.worker.worker_id) is died:
                del self._started[died.worker.worker_id]
        self._asked_at = -math.inf

    def scale_in(self) -> None:
        """If Daft scales in, end the workers that it has not taken into service. Does not wait.

        Daft ends its idle workers when a query ends, except that of the head. It does not know of those
        that only whole queries have used, and of those that have come up late for a query.
        """
        if runner_actor.scales_in(self.flotilla):
            threading.Thread(target=self._end_idle, args=(self._asks,), daemon=True).start()

    def _end_idle(self, asks: int) -> None:
        while self._end_unclaimed(asks):
            time.sleep(_SCALE_IN_INTERVAL_S)
        # An idle process collects no garbage, which would hold results of the query, and so their nodes.
        time.sleep(_SCALE_IN_INTERVAL_S)
        runner_actor.release_dropped()
        gc.collect()

    def _end_unclaimed(self, asks: int) -> bool:
        """End workers, unless there was another ask. Returns whether others are still starting."""
        with self._asking:
            if self._asks != asks:
                return False
            self._unclaimed += self._handed_over(to_the_end=False)
            spared = self.head_worker_id() if self._unclaimed else None
            ended = WORKERS.end_idle([of for of, _ in self._unclaimed if of != spared])
            self._unclaimed = [it for it in self._unclaimed if it[0] not in ended]
        for started in self.started:
            if started.worker.worker_id in ended:
                self.forget(started)
        return bool(self._starts)

    def _started_for(
        self, existing_worker_ids: Sequence[str], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Sequence[Handle]:
        if self._retired:
            return []
        nodes = self._nodes()
        self._asked_at = time.monotonic()
        self._asks += 1
        call = StartCall(nodes, existing_worker_ids, args, kwargs)
        if not existing_worker_ids:
            # No query can run without workers. So this call waits for the workers that are starting, and
            # tries those that could not be started without waiting any longer.
            if handles := self._handed_over(to_the_end=True):
                return handles
            whole = _core.plan(self.layout, nodes)
            self._first = frozenset(planned.worker_id for planned in whole.workers)
            before, beside = whole.by_startup()
            first = self._start(before, call)
            for plan in beside.by_node(_MOST_STARTS):
                self._start_beside(plan.in_waves(), call, delay=REST_DELAY_S)
            return first
        with self._lock:  # Threads that start workers note failures meanwhile.
            known = [*existing_worker_ids, *self._failures.waiting()]
        known += [worker_id for start in self._starts for worker_id in start.worker_ids]
        for plan in self._refreshed(nodes, known):
            self._start_beside([plan], call, patience=REFRESH_PATIENCE_S)
        return self._handed_over(to_the_end=False)

    def head_worker_id(self) -> str | None:
        """Return the id of the head node's first worker, or None if the head has no worker.

        When Daft scales in, it spares the worker whose id is the head node's (`retire_idle_workers` in
        `worker_manager.rs`, 0.7.16 to 0.7.26). Patched workers have other ids, so Daft is told this one.
        It asks at every tick of its scheduler.
        """
        head = self._head_node_id()
        nodes = [node for node in self._nodes() if node["NodeID"] == head]
        workers = _core.plan(self.layout, nodes).workers
        return self._groups.id_of(workers[0].worker_id) if workers else None

    def ask_for_nodes(self, bundles: Sequence[dict[str, float]]) -> None:
        """Ask Ray's autoscaler for what these bundles need, unless the workers of the plan have it.

        Daft counts the waiting tasks for each worker that it has (`needs_autoscaling` in `default.rs`,
        0.7.24), and does not know of those that are still starting. A request stays when its query has
        ended, and holds nodes that nobody needs.

        Args:
            bundles: What `try_autoscale` takes. Daft empties its last request when it ends idle workers.
        """
        if not bundles:
            self.scale_in()
        plans, _ = _core.refresh(self.layout, self._nodes(), self._failures.failed(), 1)
        if not bundles or not any(plan.covers(bundles) for plan in plans):
            self._request(bundles)

    def retire(self) -> None:
        """End the workers. This view starts no workers any more."""
        with self._lock:
            self._retired = True
            ended = self.started
            self._started.clear()
        kill(self.flotilla.ray, [started.actor for started in ended])

    def _nodes(self) -> Sequence[Any]:
        ray = self.flotilla.ray
        return with_facts(self.layout, ray.nodes(), ray)

    def _refreshed(self, nodes: Sequence[Any], known: Sequence[str]) -> list[_core.Plan]:
        """Plan the missing workers. A node that cannot be laid out, such as a new one, gets none."""
        plans, left_out = _core.refresh(self.layout, nodes, known, _MOST_STARTS)
        for node_id, reason in left_out:
            logger.warning("node %s gets no workers: %s", node_id, reason)
        return plans

    def _start_beside(self, plans: Sequence[_core.Plan], call: StartCall, **timing: float) -> None:
        ids = [planned.worker_id for plan in plans for planned in plan.workers]
        waves = [functools.partial(self._start, plan, call) for plan in plans]
        if ids:
            self._starts.append(BackgroundStart(ids, waves, **timing))

    def _handed_over(self, *, to_the_end: bool) -> list[Handle]:
        """Return each handle that a background start has made, once.

        Args:
            to_the_end: Whether to wait until every background start has ended. If not, each is waited
                for only as long as its patience lasts.
        """
        on_their_way: list[BackgroundStart] = []
        handles: list[Handle] = []
        for start in self._starts:
            left = None if to_the_end else start.waited_for_until - time.monotonic()
            if not start.has_ended(left):
                on_their_way.append(start)
            handles += start.taken()
        self._starts = on_their_way
        return handles

    def _start(self, plan: _core.Plan, call: StartCall) -> Sequence[Handle]:
        if self._retired:
            return []
        handles, unfit = self._start_once(plan, call)
        if not unfit.workers:
            return handles
        # Other prestarted processes would likely be unfit too.
        self._in_prestarted_processes = False
        try:
            again, _ = self._start_once(unfit, call)
        except Exception as error:
            if not handles:
                raise
            logger.warning("layout %s: %s", self.layout, error)
            again = []
        return [*handles, *again]

    def _start_once(self, plan: _core.Plan, call: StartCall) -> tuple[Sequence[Handle], _core.Plan]:
        """Start workers. Returns their handles, and the plan of those that need new processes."""
        ray = self.flotilla.ray
        launch = WorkerLaunch(
            plan,
            call.nodes,
            self._actor_class,
            self._worker_class,
            ray,
            self._in_prestarted_processes,
        )
        with self._lock:
            self._launches.append(launch)
        patience = plan.startup_timeout_s(call.args[0] if call.args else START_PATIENCE_S)
        # Since 0.7.15 the first argument is how long one worker per node may take.
        args = (patience, *call.args[1:]) if call.args else ()
        start = rebound(self._original, launch.names())
        try:
            handles: Sequence[Any] = start(call.existing, *args, **call.kwargs)
            launch.verify(len(handles))
            handles = launch.set_up(handles, patience)
            unfit = launch.unfit
            if plan.workers and not handles and not call.existing and not unfit.workers:
                raise NotInEffectError(
                    f"none of {len(plan)} workers of the layout '{self.layout}' has come up within "
                    f"{patience} s; see Ray's logs of the nodes, or whether these are overloaded"
                )
        except BaseException:
            # End what was started, so that no process stays that nobody knows of.
            kill(ray, launch.actors.values())
            self._note(plan, [])
            raise
        self._note(plan, launch.registered, unfit)
        if not self._take_into_service(launch):
            kill(ray, launch.actors.values())
            return [], plan.only([])
        if plan.workers:
            up = len(launch.registered)
            logger.info("layout %s: %d of %d new workers started", self.layout, up, len(plan))
        ids = [registered.worker_id for registered in launch.registered]
        return list(zip(ids, handles, strict=True)), unfit

    def _note(
        self,
        plan: _core.Plan,
        registered: Iterable[_core.Worker],
        unfit: _core.Plan | None = None,
    ) -> None:
        tried = {planned.worker_id: planned for planned in plan.workers}
        for planned in unfit.workers if unfit else ():
            del tried[planned.worker_id]
        with self._lock:
            self._launches = [launch for launch in self._launches if launch.plan is not plan]
            self._tried.update(tried)
            self._failures.note(tried, [started.worker_id for started in registered])

    def _take_into_service(self, launch: WorkerLaunch) -> bool:
        with self._lock:
            if not self._retired:
                for taken in launch.registered:
                    # `verify` found it equal to the planned worker, which has more fields.
                    planned = self._tried[taken.worker_id]
                    actor = launch.actors[taken.worker_id]
                    self._started[taken.worker_id] = StartedWorker(planned, actor)
                    self._members[taken.worker_id] = launch.members[taken.worker_id]
            return not self._retired
