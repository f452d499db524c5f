"""Drains abandoned queries, whose results nobody will read, in the process of a runner.

Daft runs an abandoned query to its end and keeps its results until the runner ends (0.5.22 to 0.7.26).
Dropping the query half-way does not help, because Daft would count the slots of its running tasks as
taken for ever. So the runner reads the results and throws them away, and knows which queries still
run.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from typing import Any

from protoplast.runner.instance_routing import INSTANCES
from protoplast.seams import runner_actor

logger = logging.getLogger(__name__)


class DrainedQueries:
    """The abandoned queries of this process that still run."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = {}
        # Whether any abandoned query wrote. When a query fails, Daft does not wait for its started
        # tasks, so they may still write after the query has ended.
        self.wrote = False

    def __len__(self) -> int:
        return len(self._running)

    def __contains__(self, plan_id: str) -> bool:
        return plan_id in self._running

    def add(self, runner: Any, plan_id: str, writes: bool) -> None:
        """Read the remaining results of a query and throw them away, on a thread. Does not wait.

        A second call for the same query changes nothing.

        Args:
            runner: The instance of `RemoteFlotillaRunner`.
            plan_id: The id of the query's plan.
            writes: Whether the query writes.
        """
        with self._lock:
            results = runner_actor.results_of(runner, plan_id)
            if plan_id in self._running:
                return
            if results is None:  # The query has ended meanwhile.
                INSTANCES.end_query(plan_id)
                return
            loop = asyncio.new_event_loop()
            task = loop.create_task(self._drain(runner, plan_id, results))
            self.wrote = self.wrote or writes
            self._running[plan_id] = (loop, task)
        name = f"protoplast-drain-{plan_id}"
        threading.Thread(target=self._run, args=(plan_id,), name=name, daemon=True).start()

    def stop(self) -> None:
        """Stop reading and drop the queries. Only for a runner that takes no more queries."""
        with self._lock:
            for loop, task in self._running.values():
                # A loop that has just ended is closed and raises RuntimeError.
                with contextlib.suppress(RuntimeError):
                    loop.call_soon_threadsafe(task.cancel)

    def _run(self, plan_id: str) -> None:
        loop, task = self._running[plan_id]
        try:
            loop.run_until_complete(task)
        except (Exception, asyncio.CancelledError) as error:
            logger.info("abandoned query %s: %r", plan_id, error)
        finally:
            with self._lock:
                del self._running[plan_id]
            loop.close()
            INSTANCES.end_query(plan_id)

    async def _drain(self, runner: Any, plan_id: str, results: Any) -> None:
        try:
            while await results.__anext__() is not None:
                pass
        except StopAsyncIteration:
            pass
        # After an error the plan is kept, because some of its tasks may still run.
        runner_actor.drop_plan(runner, plan_id)


DRAINED = DrainedQueries()
