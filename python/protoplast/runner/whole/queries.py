"""The whole queries of a runner.

Their results stand where Daft keeps those of any query, so that Daft's `get_next_partition` hands them
over. Only the first queries of a runner answer at once.
"""

from __future__ import annotations

import threading
from typing import Any

from protoplast.runner.messages import WholeAnswer, WholeQueryReport
from protoplast.runner.partition_batches import stream_of
from protoplast.runner.whole.results import Results
from protoplast.seams import partition_results, runner_actor


class WholeQueries:
    """The whole queries of this runner that have not ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, Results] = {}

    def begin(self, results: Results) -> WholeAnswer | None:
        """Begin a whole query. Waits only while this process cannot make Daft's results.

        Args:
            results: The results of the query, which nobody has asked for yet.

        Returns:
            The answer, or None if the query has not ended yet or has failed.
        """
        with self._lock:
            self._running[results.plan_id] = results
        if results.may_come_at_once and not partition_results.can_be_made():
            answer = results.at_once()
            if answer is not None:
                return answer
        results.put_in()
        return None

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
