"""Runs whole queries, each as one task on one of Daft's workers, in the process of a runner.

The results of such a query stand where Daft keeps those of any query, so Daft's `get_next_partition`
hands them over, and only when the task is complete. So a query that one worker cannot run begins again
in tasks, as Daft runs it, and nothing is delivered twice. A query that writes begins again only if its
worker has died, as Daft does with a task that writes. What was written by then is left.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import logging
import secrets
import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

from protoplast.runner.cluster_view import ClusterView
from protoplast.runner.messages import StartedWorker, WholeQuery, WholeQueryReport
from protoplast.runner.partition_batches import stream_of
from protoplast.runner.whole_workers import WORKERS, Busy
from protoplast.seams import ray as ray_seams
from protoplast.seams import runner_actor, task_results, whole_plans
from protoplast.worker.versions import could_not_import
from protoplast.worker.whole_plans import MemoryShortError, WholePlan, run_whole_plans

logger = logging.getLogger(__name__)

# Starts the workers for the first query.
_STARTER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="protoplast-start")

# How often a query looks whether a worker has room for it, in seconds.
_TURN_INTERVAL_S = 0.05

# How many workers are tried that turn out to have died before the query began.
_MOST_WORKERS = 3

# How often a worker that was ended is asked whether it still lives, in seconds.
_END_INTERVAL_S = 0.5

# What a call is told that waits for the results of a query that was abandoned.
_ABANDONED = "the query was abandoned"


@dataclass(frozen=True)
class _Task:
    """Stands in for one of Daft's tasks."""

    query: WholeQuery
    inputs_of_tables: dict[int, list[Any]]

    def name(self) -> str:
        return f"whole query {self.query.query_id}"

    def plan(self) -> WholePlan:
        query = self.query
        order = whole_plans.maintains_order(query.config)
        return WholePlan(query.plan, query.partitions, order, query.writes)

    def config(self) -> Any:
        return self.query.config

    def context(self) -> dict[str, str]:
        # The fingerprint is that of no other plan, so that the worker can end this one alone.
        return {
            "query_id": self.query.query_id,
            "plan_fingerprint": str(secrets.randbits(63)),
            "task_id": "0",
        }

    def inputs(self) -> dict[int, Any]:
        return self.query.scans

    def psets(self) -> dict[int, list[Any]]:
        return self.inputs_of_tables


@dataclass(frozen=True)
class _Reference:
    """Stands in for Daft's `RayPartitionRef`, of which a task's input needs only the reference."""

    object_ref: Any


class _NotOnOneWorkerError(Exception):
    """One worker cannot run a query. The text says why."""


class _Results:
    """The results of a whole query, in the form in which Daft reads those of any query.

    Args:
        runner: The instance of `RemoteFlotillaRunner`.
        view: The installed cluster view.
        plan_id: The id of the query's plan.
        plan: The distributed plan of the query.
        partition_sets: The in-memory tables of the driver.
        query: The query.
    """

    def __init__(
        self,
        runner: Any,
        view: ClusterView,
        plan_id: str,
        plan: Any,
        partition_sets: Mapping[str, Any],
        query: WholeQuery,
    ) -> None:
        # Why the query did not run on one worker, if it did not.
        self.failure: str | None = None
        # Whether the query would fail there again.
        self.is_lasting = True
        # The plan that the worker has run, in JSON.
        self.query_plan: str | None = None
        self._runner = runner
        self._view = view
        self._plan_id = plan_id
        self._plan = plan
        self._partition_sets = partition_sets
        self._query = query
        self._tables = {
            source: [
                _Reference(partition.partition()) for partition in partition_sets[key].values()
            ]
            for source, key in query.tables.items()
        }
        self._references: collections.deque[Any] = collections.deque()
        self._stats: Any = None
        # Runs the query, once however often and by whomever its results are asked for.
        self._work: asyncio.Task[None] | None = None
        # The results of the tasks, if the query runs in tasks.
        self._of_tasks: Any = None
        self._sent: Any = None
        self._is_cancelled = False
        # The start of the first workers, until a query has waited for it. Daft asks for the first result
        # with an import that takes 0.3 s (`ray.data`), and they start meanwhile.
        self._start: Future[Any] | None = None
        if not view.started:
            self._start = _STARTER.submit(view.ready, *self._timeout())

    @property
    def writes(self) -> bool:
        """Whether the query writes, so that it runs to its end."""
        return self._query.writes

    async def __anext__(self) -> Any:
        if self._work is None:
            self._work = asyncio.create_task(self._run())
        try:
            await self._work
        except asyncio.CancelledError:
            raise RuntimeError(_ABANDONED) from None
        if self._of_tasks is not None:
            return await self._of_tasks.__anext__()
        if not self._references:
            raise StopAsyncIteration
        return self._references.popleft()

    def finish(self) -> Any:
        """Return the statistics of the query, a `PyExecutionStats`."""
        return self._stats

    def cancel(self) -> None:
        """End the query, on whatever thread this is called. Does not wait."""
        self._is_cancelled = True
        work = self._work
        if work is not None and not work.done():
            with contextlib.suppress(RuntimeError):  # The loop is closed.
                work.get_loop().call_soon_threadsafe(work.cancel)

    async def _run(self) -> None:
        """Run the query on one worker, or begin it in tasks if that is not possible."""
        result = await self._run_whole()
        if result is not None:
            references, encoded = result
            self._stats, self.query_plan = whole_plans.decode_stats(encoded)
            self._references.extend(references)
            return
        if self._is_cancelled:
            raise RuntimeError(_ABANDONED)
        # This puts the results of the tasks in the place of these.
        whole_plans.run_in_tasks(self._runner, self._plan, self._partition_sets)
        self._of_tasks = runner_actor.results_of(self._runner, self._plan_id)

    async def _run_whole(self) -> Any:
        """Run the query on one worker. Returns None if that is not possible."""
        import ray

        needed = self._query.memory_bytes
        for _ in range(_MOST_WORKERS):
            worker = await self._held_worker(needed)
            if worker is None:
                self.failure, self.is_lasting = "no worker has the memory that it needs", False
                return None
            try:
                if await self._takes_whole_plans(worker):
                    return await self._run_on(worker)
                continue
            except _NotOnOneWorkerError as error:
                self.failure = str(error)
            except ray.exceptions.RayError as error:
                cause = getattr(error, "cause", None)
                if not isinstance(cause, MemoryShortError):
                    raise
                self.failure = f"the memory of its node ran short ({cause})"
            finally:
                WORKERS.release(worker, needed)
                self._view.scale_in()
            return None
        self.failure, self.is_lasting = f"{_MOST_WORKERS} workers had died before it began", False
        return None

    async def _held_worker(self, needed: int) -> StartedWorker | None:
        loop = asyncio.get_running_loop()
        while True:
            # A thread, because workers may have to start.
            holding = loop.run_in_executor(None, self._hold, needed)
            try:
                held = await asyncio.shield(holding)
            except asyncio.CancelledError:
                holding.add_done_callback(lambda done: _release(done, needed))
                raise
            if held is not Busy.BUSY:
                return held
            await asyncio.sleep(_TURN_INTERVAL_S)

    def _hold(self, needed: int) -> StartedWorker | Literal[Busy.BUSY] | None:
        for started in self._view.started:
            if WORKERS.is_leaving(started.worker.worker_id):
                self._view.forget(started)
        start, self._start = self._start, None
        workers = self._view.ready(*self._timeout()) if start is None else start.result()
        inputs = [one.object_ref for table in self._tables.values() for one in table]
        held = ray_seams.bytes_by_node(inputs) if len(workers) > 1 else {}
        return WORKERS.hold(workers, needed, held)

    def _timeout(self) -> tuple[int, ...]:
        timeout = self._query.startup_timeout
        return () if timeout is None else (timeout,)

    async def _takes_whole_plans(self, worker: StartedWorker) -> bool:
        """Have a worker run whole plans. Returns False if the worker has died before."""
        import ray

        try:
            await worker.actor.__ray_call__.remote(run_whole_plans)
        except ray.exceptions.RayError as error:
            if could_not_import(error):
                raise _NotOnOneWorkerError(
                    f"the node of worker '{worker.worker.worker_id}' has no protoplast of this version"
                ) from error
            self._view.forget(worker)
            return False
        return True

    async def _run_on(self, worker: StartedWorker) -> Any:
        if self._is_cancelled:
            raise asyncio.CancelledError
        handle = whole_plans.worker_handle(self._view.flotilla, worker.actor)
        self._sent = handle.submit_task(_Task(self._query, self._tables))
        try:
            result = await task_results.whole_result(self._sent)
        except asyncio.CancelledError:
            self._sent.cancel()
            raise
        if result is task_results.WORKER_DIED:
            self._view.forget(worker)
            left = ""
            if self.writes:
                await _end(worker.actor)
                left = ", and what it had written is left, as on stock"
            raise _NotOnOneWorkerError(
                f"worker '{worker.worker.worker_id}' died while it ran the query{left}"
            )
        return result


async def _end(actor: Any) -> None:
    """End a worker and wait for it.

    Ray may only have lost sight of a worker. It would go on to write, and if it overwrites, it would
    delete what the tasks write meanwhile.

    Args:
        actor: The handle of the worker's actor.
    """
    import ray

    ray.kill(actor, no_restart=True)
    while True:
        try:
            await actor.__ray_call__.remote(run_whole_plans)
        except ray.exceptions.ActorUnavailableError:
            pass
        except ray.exceptions.RayError:
            return
        await asyncio.sleep(_END_INTERVAL_S)


def _release(holding: asyncio.Future[Any], needed: int) -> None:
    """Release the worker of a query that ended before it had one."""
    if not holding.cancelled() and holding.exception() is None:
        held = holding.result()
        if isinstance(held, StartedWorker):
            WORKERS.release(held, needed)


class WholeQueries:
    """The whole queries of this runner that have not ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, _Results] = {}

    def begin(
        self,
        runner: Any,
        view: ClusterView,
        plan_id: str,
        plan: Any,
        partition_sets: Mapping[str, Any],
        query: WholeQuery,
    ) -> None:
        """Begin a whole query. Does not wait.

        Args:
            runner: The instance of `RemoteFlotillaRunner`.
            view: The installed cluster view.
            plan_id: The id of the query's plan.
            plan: The distributed plan of the query, which runs if one worker cannot run all of it.
            partition_sets: The in-memory tables of the driver.
            query: The query.
        """
        results = _Results(runner, view, plan_id, plan, partition_sets, query)
        with self._lock:
            self._running[plan_id] = results
        whole_plans.put_plan(runner, plan_id, plan, results)

    def end(self, plan_id: str) -> WholeQueryReport:
        """Note that the driver has read a query to its end, and return how it has run.

        Args:
            plan_id: The id of the query's plan.
        """
        with self._lock:
            results = self._running.pop(plan_id)
        return WholeQueryReport(results.failure, results.is_lasting, results.query_plan)

    def abandon(self, runner: Any, plan_id: str) -> bool:
        """End a query whose results nobody will read, unless it writes.

        Args:
            runner: The instance of `RemoteFlotillaRunner`.
            plan_id: The id of the query's plan.

        Returns:
            Whether the query is over. It is not if it is no whole query, if it runs in tasks, or if it
            writes.
        """
        with self._lock:
            results = self._running.pop(plan_id, None)
        found = stream_of(runner_actor.results_of(runner, plan_id))
        if results is None or results.writes or found not in (results, None):
            return False
        results.cancel()
        runner_actor.drop_plan(runner, plan_id)
        return True


WHOLE_QUERIES = WholeQueries()
