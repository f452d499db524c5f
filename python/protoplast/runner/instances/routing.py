"""Sends tasks of class UDFs to the workers that have their instances, in the process of a runner.

Daft hands each task to a handle of the worker that it has chosen. Here a handle of protoplast's stands
before it. If the plan of the task holds class UDFs, the worker shares their instances among its tasks.
If any is costly to build, Rust's `Admission` chooses the worker of the same node that runs the task, and
when. All other tasks pass through.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from protoplast import _core
from protoplast.runner.instances.routed_task import RoutedTask
from protoplast.runner.messages import ExpectedInstance, InstanceReport
from protoplast.seams import pickling, task_results
from protoplast.seams import ray as ray_seams
from protoplast.seams.edits import Edits
from protoplast.seams.rebind import Overlay
from protoplast.worker import calls as worker_calls
from protoplast.worker.freeing import later
from protoplast.worker.instances import TAG, InstanceTag
from protoplast.worker.versions import could_not_import

logger = logging.getLogger(__name__)

# How often waiting tasks are looked at again, in seconds.
_INTERVAL_S = 0.05

# If less than this part of a node's memory is available when a query begins, instances that were kept
# for a later query give way to those of this one.
_AMPLE_PART = 0.5


@dataclass(frozen=True)
class RoutedWorker:
    """A worker whose tasks pass through here.

    Args:
        planned: The planned worker.
        actor: The handle of its actor.
        handle: Daft's own handle of the worker.
        keep_s: For how long it keeps instances that no query uses, in seconds.
    """

    planned: _core.Worker
    actor: Any
    handle: Any
    keep_s: int


class InstanceRouting:
    """The tasks of class UDFs that wait or run in this runner, and the instances of its workers."""

    def __init__(self) -> None:
        # Threads of Daft's, the event loop of the actor and Ray's calls come here.
        self._lock = threading.RLock()
        self._admission = _core.Admission()
        self._queries: dict[str, tuple[ExpectedInstance, ...]] = {}
        # The instances that no query uses and workers keep, each with the time until which they do.
        self._kept: dict[str, float] = {}
        self._workers: dict[str, RoutedWorker] = {}
        # What asks a worker to share, by query and worker: the answer is awaited by each task.
        self._sharing: dict[tuple[str, str], asyncio.Future[bool]] = {}
        self._waiting: dict[int, asyncio.Future[str]] = {}
        # The tasks that wait or run, each with its query. When a query fails, Daft does not wait for its
        # other tasks, so the instances of these queries are freed when those tasks have ended.
        self._tasks: dict[int, str] = {}
        self._ending: set[str] = set()
        self._ids = itertools.count()
        self._timer: asyncio.TimerHandle | None = None
        self._edits = Edits()

    def handle_of(self, worker: RoutedWorker) -> Any:
        """Return the handle through which Daft sends tasks to a worker.

        Args:
            worker: The worker.
        """
        if not task_results.ROUTING.is_available():
            return worker.handle
        worker_id = worker.planned.worker_id
        with self._lock:
            # A worker that takes the place of one that has died has none of its instances.
            self._admission.remove_worker(worker_id)
            planned = worker.planned
            of = len(planned.widths)
            self._admission.add_worker(worker_id, planned.node_id, planned.cpus, of)
            self._sharing = {key: it for key, it in self._sharing.items() if key[1] != worker_id}
            self._workers[worker_id] = worker
        return Overlay(worker.handle, submit_task=lambda task: self._submit(worker, task))

    def expect(self, query: str, instances: Sequence[ExpectedInstance]) -> None:
        """Prepare for a query that uses class UDFs.

        Args:
            query: The id of the query's plan.
            instances: The objects that it uses and that are costly to build.
        """
        with self._lock:
            if not self._edits.are_set:
                pickling.watch(self._edits)
            self._queries[query] = tuple(instances)
            for instance in instances:
                self._kept.pop(instance.key, None)
                if instance.tasks is not None:
                    self._admission.expect_tasks(instance.key, instance.tasks)
                if instance.known is not None and self._admission.copies(instance.key, "") is None:
                    known = instance.known
                    self._admission.expect(
                        instance.key,
                        known.bytes,
                        known.peak_bytes,
                        known.seconds,
                        known.task_seconds,
                    )

    def end_query(self, query: str) -> list[InstanceReport]:
        """Have the workers free what the query has used, after its last task. Does not wait.

        Args:
            query: The id of the query's plan.

        Returns:
            What is known of the instances of the query.
        """
        with self._lock:
            reports = []
            for instance in self._queries.get(query, ()):
                copies = self._admission.copies(instance.key, instance.name)
                if copies is not None:
                    reports.append(InstanceReport.of_copies(instance, copies))
            if query in self._tasks.values():
                self._ending.add(query)
            else:
                self._release(query)
        return reports

    def _release(self, query: str) -> None:
        with self._lock:
            self._ending.discard(query)
            instances = self._queries.pop(query, ())
            heirs = self._users(_keys(instances))
            free = [key for key in _keys(instances) if key not in heirs]
            asked = [of for of in self._sharing if of[0] == query]
            workers = [self._workers[worker] for _, worker in asked if worker in self._workers]
            for of in asked:
                shares = self._sharing.pop(of)
                for heir in {heir for others in heirs.values() for heir in others}:
                    # The worker has to be told of the end of these queries too.
                    self._sharing.setdefault((heir, of[1]), shares)
            keep_s = max((worker.keep_s for worker in workers), default=0)
            until = time.monotonic() + keep_s
            for key in free:
                if keep_s:
                    self._kept[key] = until
                    self._admission.end_tasks(key)
                else:
                    self._admission.forget(key)
        if keep_s:
            later(keep_s, self._forget_kept)
        for worker in workers:
            worker.actor.__ray_call__.remote(worker_calls.end_query, query, worker.keep_s, heirs)

    def _users(self, keys: Sequence[str]) -> dict[str, list[str]]:
        """Return the queries that use each of these instances, without those that nobody uses."""
        users = {
            key: [query for query, objects in self._queries.items() if key in _keys(objects)]
            for key in keys
        }
        return {key: queries for key, queries in users.items() if queries}

    def note(self, worker_id: str, event: str, key: str, figures: dict[str, Any]) -> None:
        """Note what a worker tells of an instance.

        Args:
            worker_id: The id of the worker.
            event: `building`, `built` or `failed`.
            key: The key of the instance.
            figures: What building it has cost, and the memory of the node.
        """
        with self._lock:
            if event == "building":
                self._admission.building(worker_id, key)
                return
            if event == "failed":
                self._admission.failed(worker_id, key)
            else:
                self._admission.set_memory(worker_id, figures["available"], figures["total"])
                cost = (figures["bytes"], figures["peak_bytes"], figures["seconds"])
                self._admission.built(worker_id, key, *cost, time.monotonic())
                logger.info("worker %s: instance %s built: %s", worker_id, key, figures)
            self._admit()

    def _submit(self, worker: RoutedWorker, task: Any) -> Any:
        if not self._queries:
            return worker.handle.submit_task(task)
        tags: set[InstanceTag] = set()

        def mark(_udf: Any, state: dict[str, Any]) -> dict[str, Any]:
            if TAG in state:
                tags.add(InstanceTag(*state[TAG]))
            return state

        plan = task.plan()
        with pickling.marked(mark):
            pickled = pickling.Pickled(ray_seams.pickled(plan))
        task = Overlay(task, plan=lambda: pickled)
        if not tags:
            return worker.handle.submit_task(task)
        number = next(self._ids)
        query = next(iter(tags)).query  # A task is of one query.
        keys = [tag.key for tag in tags if not tag.is_cheap]
        if task_results.moves_rows_by_flight(task):
            keys = []  # The task stays on its worker.

        position = task_results.position(task)

        async def admit() -> tuple[str, Any]:
            return await self._admitted(number, position, query, worker, keys)

        own = worker.planned.worker_id
        return RoutedTask(task, own, admit, lambda died: self._ended(number, died))

    async def _admitted(
        self, number: int, position: int, query: str, worker: RoutedWorker, keys: list[str]
    ) -> tuple[str, Any]:
        own = worker.planned.worker_id
        with self._lock:
            self._tasks[number] = query
        shares = await self._shares(query, worker)
        if not shares or not keys:
            return own, worker.handle
        with self._lock:
            turn = self._waiting[number] = asyncio.get_running_loop().create_future()
            self._admission.submit(number, position, own, keys, time.monotonic())
            self._admit()
        chosen = await turn
        with self._lock:
            found = self._workers.get(chosen, worker)
        return found.planned.worker_id, found.handle

    async def _shares(self, query: str, worker: RoutedWorker) -> bool:
        """Have a worker share instances, once a query. Returns whether it does."""
        key = (query, worker.planned.worker_id)
        with self._lock:
            shares = self._sharing.get(key)
            if shares is None:
                shares = asyncio.ensure_future(self._ask_to_share(query, worker))
                if query in self._queries:
                    self._sharing[key] = shares
        return await asyncio.shield(shares)

    async def _ask_to_share(self, query: str, worker: RoutedWorker) -> bool:
        import ray

        planned = worker.planned
        itself = ray.get_runtime_context().current_actor
        asked = (worker_calls.share_instances, planned.worker_id, planned.threads, itself, note)
        try:
            available, total = await worker.actor.__ray_call__.remote(*asked)
            if available < total * _AMPLE_PART and self._drop_kept():
                available, total = await worker.actor.__ray_call__.remote(*asked)
        except ray.exceptions.RayError as error:
            # If the worker has died, Daft notices it when the task is sent.
            if could_not_import(error):
                logger.warning(
                    "worker %s builds class UDFs as often as Daft's own workers, because its node has "
                    "no protoplast of this version",
                    planned.worker_id,
                )
                return False
            with self._lock:  # Ray may only have failed to reach it, so the next task asks again.
                if self._workers.get(planned.worker_id) is worker:
                    self._sharing.pop((query, planned.worker_id), None)
            return False
        with self._lock:
            self._admission.set_memory(planned.worker_id, available, total)
        return True

    def _drop_kept(self) -> bool:
        """Have the workers free the instances that no query uses. Returns whether there are any."""
        with self._lock:
            keys = list(self._kept)
            for key in keys:
                del self._kept[key]
                self._admission.forget(key)
            workers = list(self._workers.values()) if keys else []
        for worker in workers:
            worker.actor.__ray_call__.remote(worker_calls.drop_instances, keys)
        return bool(keys)

    def _ended(self, number: int, died: Any) -> None:
        with self._lock:
            self._waiting.pop(number, None)
            self._admission.cancel(number)
            self._admission.ended(number, time.monotonic())
            query = self._tasks.pop(number, None)
            if query in self._ending and query not in self._tasks.values():
                self._release(query)
            # Another worker may have taken its place already.
            for gone in [it for it in self._workers.values() if it.handle is died]:
                self._admission.remove_worker(gone.planned.worker_id)
                del self._workers[gone.planned.worker_id]
            self._admit()

    def _admit(self) -> None:
        """Let the tasks run that may run now. The caller holds the lock."""
        for number, worker_id in self._admission.admit(time.monotonic()):
            turn = self._waiting.pop(number, None)
            if turn is not None:
                turn.get_loop().call_soon_threadsafe(_set, turn, worker_id)
        if self._waiting and self._timer is None:
            loop = next(iter(self._waiting.values())).get_loop()
            loop.call_soon_threadsafe(self._look_later, loop)

    def _look_later(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            if self._timer is None and self._waiting:
                self._timer = loop.call_later(_INTERVAL_S, self._look_again)

    def _look_again(self) -> None:
        with self._lock:
            self._timer = None
            self._admit()

    def _forget_kept(self) -> None:
        now = time.monotonic()
        with self._lock:
            for key in [key for key, until in self._kept.items() if until <= now]:
                del self._kept[key]
                self._admission.forget(key)


def _keys(instances: Sequence[ExpectedInstance]) -> list[str]:
    return [instance.key for instance in instances]


def _set(turn: asyncio.Future[str], worker_id: str) -> None:
    if not turn.done():
        turn.set_result(worker_id)


def note(_actor: Any, worker_id: str, event: str, key: str, figures: dict[str, Any]) -> None:
    """Note what a worker tells of an instance; see `InstanceRouting.note`. Workers call it."""
    INSTANCES.note(worker_id, event, key, figures)


INSTANCES = InstanceRouting()
