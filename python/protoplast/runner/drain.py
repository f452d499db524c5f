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
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from protoplast.runner.instances.routing import INSTANCES
from protoplast.seams import runner_actor

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Drain:
    """One query being drained: how to wait for its end, and how to have it end now."""

    wait: Callable[[], None]
    cancel: Callable[[], object]

    @classmethod
    def on(cls, loop: asyncio.AbstractEventLoop, reading: Coroutine[Any, Any, None]) -> _Drain:
        """Read on a loop that runs in another thread."""
        future = asyncio.run_coroutine_threadsafe(reading, loop)
        return cls(future.result, future.cancel)

    @classmethod
    def on_own_loop(cls, reading: Coroutine[Any, Any, None]) -> _Drain:
        """Read on a new loop, which runs in the thread that waits."""
        loop = asyncio.new_event_loop()
        task = loop.create_task(reading)

        def wait() -> None:
            try:
                loop.run_until_complete(task)
            finally:
                loop.close()

        return cls(wait, lambda: loop.call_soon_threadsafe(task.cancel))


class DrainedQueries:
    """The abandoned queries of this process that still run."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, _Drain] = {}
        # Whether any abandoned query wrote. When a query fails, Daft does not wait for its started
        # tasks, so they may still write after the query has ended.
        self.wrote = False

    def __len__(self) -> int:
        return len(self._running)

    def __contains__(self, plan_id: str) -> bool:
        return plan_id in self._running

    def add(self, runner: Any, plan_id: str, writes: bool) -> None:
        """Read the remaining results of a query and throw them away. Does not wait.

        They are read on the event loop on which they were read before, if any, because the driver's last
        call may still wait for them there. A second call for the same query changes nothing.

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
            loop = getattr(results, "loop", None)
            reading = self._drain(runner, plan_id, results)
            drain = _Drain.on_own_loop(reading) if loop is None else _Drain.on(loop, reading)
            self._running[plan_id] = drain
            self.wrote = self.wrote or writes
        name = f"protoplast-drain-{plan_id}"
        threading.Thread(target=self._run, args=(plan_id,), name=name, daemon=True).start()

    def stop(self) -> None:
        """Stop reading and drop the queries. Only for a runner that takes no more queries."""
        with self._lock:
            for drain in self._running.values():
                # A loop that has just ended is closed and raises RuntimeError.
                with contextlib.suppress(RuntimeError):
                    drain.cancel()

    def _run(self, plan_id: str) -> None:
        try:
            self._running[plan_id].wait()
        except (Exception, asyncio.CancelledError) as error:
            logger.info("abandoned query %s: %r", plan_id, error)
        finally:
            with self._lock:
                del self._running[plan_id]
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
