"""Runs a whole query as one task on one of Daft's workers, and has its results.

These are there only when the task is complete. So a query that one worker cannot run begins again in
tasks, as Daft runs it, and nothing is delivered twice. A query that writes begins again only if its
worker has died, as Daft does with a task that writes. What was written by then is left.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import logging
from collections.abc import Mapping
from concurrent import futures
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Literal

from protoplast.errors import ProtoplastError
from protoplast.runner.cluster_view import ClusterView
from protoplast.runner.messages import (
    StartedWorker,
    WholeAnswer,
    WholeQuery,
)
from protoplast.runner.profiling.recording import RECORDING
from protoplast.runner.whole import bar
from protoplast.runner.whole.task import Reference, Task
from protoplast.runner.whole_workers import WORKERS, Busy
from protoplast.seams import partition_results, runner_actor, task_results, whole_plans
from protoplast.seams import ray as ray_seams
from protoplast.worker.freeing import later
from protoplast.worker.versions import could_not_import
from protoplast.worker.whole_plans import MemoryShortError, run_whole_plans

logger = logging.getLogger(__name__)

# Starts the workers for the first query.
_STARTER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="protoplast-start")

# Imports what Daft makes results of.
_IMPORTER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="protoplast-import")

# How long the call that begins a query waits before that import begins, in seconds. No other call of
# protoplast's reaches this process meanwhile.
_SHORT_S = 0.6

# How long after the answer of a short query the import begins, in seconds. The next may follow at once.
_IMPORT_DELAY_S = 1.0

# How often a query looks whether a worker has room for it, in seconds.
_TURN_INTERVAL_S = 0.05

# How many workers are tried that turn out to have died before the query began.
_MOST_WORKERS = 3

# How often a worker that was ended is asked whether it still lives, in seconds.
_END_INTERVAL_S = 0.5

# What a call is told that waits for the results of a query that was abandoned.
_ABANDONED = "the query was abandoned"


class _NotOnOneWorkerError(Exception):
    """One worker cannot run a query. The text says why."""


class Results:
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
        self.plan_id = plan_id
        self._plan = plan
        self._partition_sets = partition_sets
        self._query = query
        self._tables = {
            source: [Reference(partition.partition()) for partition in partition_sets[key].values()]
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
    def may_come_at_once(self) -> bool:
        """Whether the driver takes the results from the call that begins the query."""
        return self._query.may_answer_at_once

    @property
    def writes(self) -> bool:
        """Whether the query writes, so that it runs to its end."""
        return self._query.writes

    def put_in(self) -> None:
        """Put these results in where Daft looks for them."""
        whole_plans.put_plan(self._runner, self.plan_id, self._plan, self)

    def at_once(self) -> WholeAnswer | None:
        """Run the query, and wait for a short time. Not called on the event loop.

        Before Daft gives out the first result of a runner, it imports for 0.3 s on the event loop. So
        the first queries, which wait for the workers to start, answer without it if they are short. The
        import follows, or goes on beside a query that is not short.

        Returns:
            The answer, or None if the query has not ended or has failed.
        """
        waiting = asyncio.run_coroutine_threadsafe(self._ended(), whole_plans.event_loop())
        done, _ = futures.wait([waiting], _SHORT_S)
        if done:
            later(_IMPORT_DELAY_S, partition_results.have_made)
        else:
            either: list[Future[Any]] = [waiting, _IMPORTER.submit(partition_results.have_made)]
            futures.wait(either, return_when=futures.FIRST_COMPLETED)
        if not waiting.done() or waiting.exception() is not None or not waiting.result():
            waiting.cancel()
            return None
        parts = partition_results.parts_of(self._references)
        self._references.clear()
        return WholeAnswer(parts, self._stats)

    async def _ended(self) -> bool:
        """Wait until the query has ended. Returns whether it has run on one worker without an error."""
        await asyncio.wait({self._begun()})
        work = self._begun()
        is_well = not work.cancelled() and work.exception() is None
        return is_well and self._of_tasks is None

    def _begun(self) -> asyncio.Task[None]:
        if self._work is None:
            self._work = asyncio.create_task(self._run())
        return self._work

    async def __anext__(self) -> Any:
        try:
            await self._begun()
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
        self._of_tasks = runner_actor.results_of(self._runner, self.plan_id)

    async def _run_whole(self) -> Any:
        """Run the query on one worker. Returns None if that is not possible."""
        import ray

        needed = self._query.memory_bytes
        for _ in range(_MOST_WORKERS):
            try:
                worker = await self._held_worker(needed)
            except ProtoplastError:
                raise
            except RuntimeError as error:
                # Daft raises it if no worker comes up: a node may have gone since it was planned. In
                # tasks Daft asks for nodes, and raises it again if they do not help.
                self.failure, self.is_lasting = f"no worker could be started ({error})", False
                return None
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
        handle = RECORDING.watched(worker.worker.worker_id, handle)
        with bar.shown():
            self._sent = handle.submit_task(Task(self._query, self._tables))
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


def _release(holding: asyncio.Future[Any], needed: int) -> None:
    """Release the worker of a query that ended before it had one."""
    if not holding.cancelled() and holding.exception() is None:
        held = holding.result()
        if isinstance(held, StartedWorker):
            WORKERS.release(held, needed)


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
