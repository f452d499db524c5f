"""Retires a runner and puts it back into service, in the runner's own process.

A retired runner ends its workers. Its process stays while it owns results, because they are lost when it
ends, and meanwhile its driver may resume it for another query.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import threading
import time
from collections.abc import Callable, Collection
from typing import Any

from protoplast.runner.cluster_view import ClusterView
from protoplast.runner.drain import DRAINED
from protoplast.seams import ray as ray_seams
from protoplast.seams import runner_actor
from protoplast.worker import calls as worker_calls

logger = logging.getLogger(__name__)

# How often a retired runner checks whether it still owns results, in seconds. The interval grows from
# the first to the longest, because somebody may keep the results for days.
_LEAVE_INTERVAL_S = 0.5
_LONGEST_LEAVE_INTERVAL_S = 5.0
# The factor by which the interval grows after each check.
_LEAVE_GROWTH = 1.1

# How often a retired runner checks whether its workers still write, in seconds.
_WRITE_INTERVAL_S = 0.2

# How long workers may keep files open after the query that writes has ended, in seconds. Python code may
# keep a file open for ever.
_FILES_PATIENCE_S = 600.0

# How long workers may take to say which files they write, in seconds. A worker that does not answer is
# taken to write.
_ANSWER_TIMEOUT_S = 5.0


class Retirement:
    """Whether this runner is in service, retired or about to leave.

    The driver counts the terms of service from 0, because its calls into an actor may overtake each
    other.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._term = 0
        # The last term that has ended.
        self._over = -1
        # Whether every query that ran here was read to its end. The remaining tasks of an unfinished
        # query would run on the workers of the next term.
        self._is_fit = True
        self._is_leaving = False

    def begin(
        self, actor: Any, view: ClusterView, term: int, writing: Collection[str] = ()
    ) -> None:
        """Retire this runner. Does not wait.

        Nobody waits for a query here any more. The workers end at once, or, if an interrupted or
        abandoned query writes, after that query has run to its end.

        Args:
            actor: The instance of `RemoteFlotillaRunner`.
            view: The installed cluster view.
            term: The term that is over. Ending it again, or an earlier one, changes nothing.
            writing: The ids of the plans of abandoned queries that write, including ended ones.
        """
        import ray

        with self._lock:
            if term < self._term or term <= self._over:
                return
            self._over = term
            plans = runner_actor.plans_of(actor)
            still_writing = [plan_id for plan_id in plans if plan_id in writing]
            may_write = bool(still_writing) or DRAINED.wrote
            self._is_fit = not (plans or len(DRAINED) or may_write)
            if not may_write:
                _end_workers(actor, view)
        itself = ray.get_runtime_context().current_actor

        def leave() -> None:
            try:
                if may_write:
                    _let_writes_end(actor, view, still_writing)
            finally:
                self._leave_when_unused(term, itself)

        # A thread, because Ray runs `__ray_call__` without an event loop and this outlives the call.
        threading.Thread(target=leave, name="protoplast-retirement", daemon=True).start()

    def end(self, term: int, renew: Callable[[], None]) -> bool:
        """End the retirement, so that this runner serves again.

        Args:
            term: The term that begins.
            renew: Makes the runner ready for the term.

        Returns:
            Whether the runner serves. It does not if it is about to leave, if an earlier query was not
            read to its end, or if the term is not the next one.
        """
        with self._lock:
            # If the term before is not over yet, its workers have not been ended.
            is_next = self._over == term - 1
            if self._is_leaving or not self._is_fit or not is_next:
                return False
            renew()
            self._term = term
            return True

    def _leave_when_unused(self, term: int, itself: Any) -> None:
        import ray

        interval = _LEAVE_INTERVAL_S
        while self._stays(term):
            time.sleep(interval)
            interval = min(interval * _LEAVE_GROWTH, _LONGEST_LEAVE_INTERVAL_S)
        with self._lock:
            if self._term > term:
                return
        logger.info("retired runner ends, because it owns no results any more")
        ray.kill(itself, no_restart=True)

    def _stays(self, term: int) -> bool:
        with self._lock:
            if self._term > term:
                return False
            if ray_seams.owned_objects() == 0:
                self._is_leaving = True
                return False
            _cancel_calls()
            runner_actor.release_dropped()
            # The error of a cancelled call and its result refer to each other, and an idle process
            # collects no garbage by itself.
            gc.collect()
            return True


def _end_workers(actor: Any, view: ClusterView) -> None:
    view.retire()
    DRAINED.stop()
    runner_actor.drop_plans(actor)


def _let_writes_end(actor: Any, view: ClusterView, writing: list[str]) -> None:
    logger.info("layout %s: workers stay until these plans have written: %s", view.layout, writing)
    try:
        _wait_for_writes(actor, view, writing)
    finally:
        _end_workers(actor, view)


def _wait_for_writes(actor: Any, view: ClusterView, writing: list[str]) -> None:
    """Wait until these queries have ended, and then until no worker has a file open for writing."""
    for plan_id in writing:
        DRAINED.add(actor, plan_id, writes=True)
    while any(plan_id in DRAINED for plan_id in writing):
        time.sleep(_WRITE_INTERVAL_S)
    deadline = time.monotonic() + _FILES_PATIENCE_S
    while files := _files_being_written(view):
        if time.monotonic() > deadline:
            logger.warning("layout %s: workers end while they write %s", view.layout, files)
            return
        time.sleep(_WRITE_INTERVAL_S)


def _files_being_written(view: ClusterView) -> list[str]:
    import ray

    calls = {
        started.actor.__ray_call__.remote(
            worker_calls.files_being_written
        ): started.worker.worker_id
        for started in view.started
    }
    if not calls:
        return []
    ready, silent = ray.wait(list(calls), num_returns=len(calls), timeout=_ANSWER_TIMEOUT_S)
    files = [f"what worker {calls[call]} has open" for call in silent]
    for call in ready:
        # The worker may have died, or its node may not have protoplast.
        with contextlib.suppress(ray.exceptions.RayError):
            files += ray.get(call)
    return files


def _cancel_calls() -> None:
    """Cancel the calls that still wait in this process, in which no query runs any more.

    An interrupted query leaves a call of `get_next_partition` here. The call waits for workers that
    never come, and holds the query's plan with all its results (0.5.22 to 0.7.26).
    """
    # `asyncio.all_tasks` needs the loop, and Ray's own loop has no public name.
    for found in gc.get_objects():
        if type(found) is asyncio.Task and not found.done():
            with contextlib.suppress(RuntimeError):  # The task's loop is closed.
                found.get_loop().call_soon_threadsafe(found.cancel)


RETIREMENT = Retirement()
