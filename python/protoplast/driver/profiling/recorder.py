"""Records profiled queries as the driver sees them: when each began, was planned and had its rows.

The runner records the tasks. It is asked for them when the query has ended, and the answer is waited for
when the profile is wanted, so that the query does not take longer for it.
"""

from __future__ import annotations

import contextlib
import contextvars
import logging
import threading
import time
from collections.abc import Iterator
from typing import Any

from protoplast import _core
from protoplast.driver.fleet import Fleet
from protoplast.driver.profiling import operators
from protoplast.driver.profiling.record import QueryTimes, record_of
from protoplast.driver.recent import RecentQuery
from protoplast.runner.profiling.messages import RunnerNotes
from protoplast.seams import daft as daft_seams
from protoplast.worker.task_notes import boot_id

logger = logging.getLogger(__name__)

# How long a runner may take to begin, and to hand over what it has recorded, in seconds.
_BEGIN_TIMEOUT_S = 10.0
_END_TIMEOUT_S = 30.0


class QueryRecorder:
    """Records one query.

    Args:
        title: What the query is called, or None for the names of its operators.
    """

    def __init__(self, title: str | None) -> None:
        self._lock = threading.Lock()
        self._title = title
        self._began_at = time.time()
        self._began_ns = time.monotonic_ns()
        self._planned_ns: int | None = None
        self._delivered_ns: int | None = None
        self._ended_ns: int | None = None
        # The runner's clock less that of the driver, at least and at most.
        self._clock: tuple[int, int] | None = None
        self._query_id = ""
        self._decision: _core.Decision | None = None
        self._recent: RecentQuery | None = None
        self._operators: list[str] = []
        self._fleet: Fleet | None = None
        self._asked: Any = None
        self._notes: RunnerNotes | None = None

    def planned(self, query_id: str, decision: _core.Decision, recent: RecentQuery) -> None:
        """Note that the query is planned.

        Args:
            query_id: The id of the query, or an empty text if this Daft gives it none.
            decision: Where it runs, and why.
            recent: What is remembered of it.
        """
        self._planned_ns = time.monotonic_ns()
        self._query_id, self._decision, self._recent = query_id, decision, recent

    def begin(self, fleet: Fleet, plan: Any, ray: Any) -> None:
        """Have the runner record the tasks of the query. No error of it reaches the query.

        Args:
            fleet: The fleet that runs the query.
            plan: What has the plan's text: Daft's builder of the logical plan, or the distributed plan.
            ray: The `ray` module.
        """
        from protoplast.runner import profile_calls as calls  # Only profiles need what it imports.

        try:
            asked_ns = time.monotonic_ns()
            asked = fleet.ask(calls.begin_profile, self._query_id)
            self._operators = operators.operators(daft_seams.plan_text(plan))
            runner_ns: int = ray.get(asked, timeout=_BEGIN_TIMEOUT_S)
            self._clock = runner_ns - time.monotonic_ns(), runner_ns - asked_ns
            self._fleet = fleet
        except Exception as error:
            logger.warning("the tasks of a query are not recorded: %s", error)

    def end(self, *, delivered: bool) -> None:
        """Note that the query has ended, and ask the runner for what it has recorded. Does not wait.

        Args:
            delivered: Whether the driver has had all rows.
        """
        with self._lock:
            if self._ended_ns is not None:
                return
            self._ended_ns = time.monotonic_ns()
            if delivered:
                self._delivered_ns = self._ended_ns
            if self._fleet is None or self._decision is None:
                return
        from protoplast.runner import profile_calls as calls

        try:
            functions = self._decision.python_code
            self._asked = self._fleet.ask(calls.end_profile, self._query_id, functions)
        except Exception as error:
            logger.warning("the tasks of a query are not known: %s", error)

    def record(self) -> str | None:
        """Return what was recorded, a `ProfileRecord` in JSON. Ends the recording, and waits for it.

        Returns:
            The record, or None if the query was never planned.
        """
        self.end(delivered=False)
        asked, self._asked = self._asked, None
        if asked is not None:
            import ray

            try:
                self._notes = ray.get(asked, timeout=_END_TIMEOUT_S)
            except Exception as error:
                logger.warning("the tasks of a query are not known: %s", error)
        if self._decision is None or self._recent is None:
            return None
        assert self._ended_ns is not None
        times = QueryTimes(
            began_at=self._began_at,
            began_ns=self._began_ns,
            planned_ns=self._planned_ns,
            delivered_ns=self._delivered_ns,
            ended_ns=self._ended_ns,
            clock=self._clock,
            boot_id=boot_id(),
        )
        title = self._title or operators.title_of(self._operators)
        explanation, unsplit = self._recent.explanation, self._decision.unsplit
        return record_of(title, times, explanation, unsplit, self._operators, self._notes)


class Recorder:
    """Records the queries that begin while it is current.

    Args:
        title: What each query is called, or None for the names of its operators.
    """

    def __init__(self, title: str | None = None) -> None:
        self._lock = threading.Lock()
        self._title = title
        self._queries: list[QueryRecorder] = []

    def new_query(self) -> QueryRecorder:
        """Return the recorder of a query that begins."""
        query = QueryRecorder(self._title)
        with self._lock:
            self._queries.append(query)
        return query

    def records(self) -> list[str]:
        """Return the record of each query, in JSON. Waits for the runners."""
        with self._lock:
            queries = list(self._queries)
        for query in queries:  # All runners are asked before one is waited for.
            query.end(delivered=False)
        return [record for query in queries if (record := query.record()) is not None]


_CURRENT: contextvars.ContextVar[Recorder | None] = contextvars.ContextVar("recorder", default=None)


def current() -> Recorder | None:
    """Return what records the queries of this thread, or None."""
    return _CURRENT.get()


@contextlib.contextmanager
def recording(title: str | None) -> Iterator[Recorder]:
    """Record the queries that begin in the block, of this thread.

    Args:
        title: What each query is called, or None for the names of its operators.
    """
    recorder = Recorder(title)
    token = _CURRENT.set(recorder)
    try:
        yield recorder
    finally:
        _CURRENT.reset(token)
