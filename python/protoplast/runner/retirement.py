"""How a runner ends its service and leaves, and how it takes its service up again; in its own process.

A retired runner ends its workers. It stays for as long as it owns results, which are lost with it, and
meanwhile its driver may take it up again for another query.
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

# How often a retired runner looks whether it still owns results, in seconds: at first, and at last,
# since the results may be wanted for days.
_LEAVE_INTERVAL_S = 0.5
_LONGEST_LEAVE_INTERVAL_S = 5.0
# By how much the interval grows each time.
_LEAVE_GROWTH = 1.1

# How often it looks whether its workers still write, in seconds.
_WRITE_INTERVAL_S = 0.2

# How long a file may stay open after the query that writes it has failed, in seconds. Python code may
# keep one open for ever.
_FILES_PATIENCE_S = 600.0

# How long workers may take to say what they write, in seconds. One that does not say is busy.
_ANSWER_TIMEOUT_S = 5.0


class Retirement:
    """Whether this process, a runner, is in service, retired or about to leave.

    The driver counts the terms of its service, from 0: calls into an actor may overtake each other.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._term = 0
        # The last term that is over.
        self._over = -1
        # Whether every query that ran here was read to its end. What is left of another one would meet
        # the workers of the next term.
        self._is_fit = True
        self._is_leaving = False

    def begin(
        self, actor: Any, view: ClusterView, term: int, writing: Collection[str] = ()
    ) -> None:
        """Retire this runner, on which no query runs that anybody waits for. Does not wait.

        The workers are ended at once, or once what writes has ended: a query that was interrupted or
        abandoned and has a sink goes on to its end.

        Args:
            actor: The instance of `RemoteFlotillaRunner`.
            view: The view that is installed.
            term: The term that is over. To end it again, or an earlier one, changes nothing.
            writing: The plans of abandoned queries that write, also of those that have ended.
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

        # Ray runs __ray_call__ on a thread without an event loop, and this has to outlive the call.
        threading.Thread(target=leave, name="protoplast-retirement", daemon=True).start()

    def end(self, term: int, renew: Callable[[], None]) -> bool:
        """Take up service again.

        Args:
            term: The term that begins.
            renew: Makes this runner ready for it.

        Returns:
            False where it cannot be: this runner is about to leave or still has to do with a query of
            before, or the term is over already.
        """
        with self._lock:
            # Of a term that is not over yet the workers have not been ended.
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
        logger.info("retired runner owns nothing any more and leaves")
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
            # The error of a task that was ended refers to its result in a circle, and an idle process
            # collects no garbage by itself.
            gc.collect()
            return True


def _end_workers(actor: Any, view: ClusterView) -> None:
    view.retire()
    DRAINED.stop()
    runner_actor.drop_plans(actor)


def _let_writes_end(actor: Any, view: ClusterView, writing: list[str]) -> None:
    logger.info("layout %s: what writes goes on to its end: %s", view.layout, writing)
    try:
        _wait_for_writes(actor, view, writing)
    finally:
        _end_workers(actor, view)


def _wait_for_writes(actor: Any, view: ClusterView, writing: list[str]) -> None:
    """Wait until these queries have ended, and then until no worker has a file open to write."""
    for plan_id in writing:
        DRAINED.add(actor, plan_id, writes=True)
    while any(plan_id in DRAINED for plan_id in writing):
        time.sleep(_WRITE_INTERVAL_S)
    deadline = time.monotonic() + _FILES_PATIENCE_S
    while files := _files_being_written(view):
        if time.monotonic() > deadline:
            logger.warning("layout %s: workers are ended that write %s", view.layout, files)
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
        # It may have died, or its node may be without protoplast.
        with contextlib.suppress(ray.exceptions.RayError):
            files += ray.get(call)
    return files


def _cancel_calls() -> None:
    """Cancel the calls that wait in this process, on which no query runs any more.

    A query that was interrupted leaves its `get_next_partition` here. It waits for workers that never
    come, and holds its plan with all the results (0.5.22 to 0.7.26).
    """
    # asyncio lists the tasks of a loop, and Ray's own loop has no public name.
    for found in gc.get_objects():
        if type(found) is asyncio.Task and not found.done():
            with contextlib.suppress(RuntimeError):  # Its loop was closed.
                found.get_loop().call_soon_threadsafe(found.cancel)


RETIREMENT = Retirement()
