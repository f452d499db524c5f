"""Queries that run as one task on one of Daft's workers, as the driver sees them."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Generator, Mapping
from typing import Any

from protoplast import _core
from protoplast import runner as in_runner
from protoplast.runner.messages import WholeAnswer, WholeQuery, WholeQueryReport
from protoplast.seams import daft as daft_seams
from protoplast.seams import partition_results, whole_plans
from protoplast.seams.whole_plans import WHOLE_PLANS

logger = logging.getLogger(__name__)


class Unfit:
    """The plans for which one worker was not enough in this driver, each by a digest of its text."""

    def __init__(self) -> None:
        self._digests: set[bytes] = set()

    def add(self, builder: Any) -> None:
        """Remember a plan.

        Args:
            builder: Daft's Rust builder of the optimized logical plan.
        """
        self._digests.add(_digest(builder))

    def blocked(self, builder: Any) -> _core.OneWorkerBlocked | None:
        """Return why a query cannot run on one worker, or None if nothing is known against it.

        Args:
            builder: Daft's Rust builder of the optimized logical plan.
        """
        if not WHOLE_PLANS.is_available():
            return _core.OneWorkerBlocked.OLDER_DAFT
        if self._digests and _digest(builder) in self._digests:
            return _core.OneWorkerBlocked.FAILED_BEFORE
        return None


def _digest(builder: Any) -> bytes:
    return hashlib.sha256(daft_seams.plan_text(builder).encode()).digest()


class WholeRun:
    """One run of a query on one worker.

    Args:
        builder: Daft's Rust builder of the optimized logical plan.
        query: The query, as the runner gets it.
    """

    def __init__(self, builder: Any, query: WholeQuery) -> None:
        # Why the query ran in tasks, if it did.
        self.failure: str | None = None
        # The plan that the worker has run, in JSON. It stays unknown if the runner does not say.
        self.query_plan: str | None = None
        self.query = query
        self._builder = builder

    @classmethod
    def of(
        cls,
        builder: Any,
        config: Any,
        query_id: str,
        decision: _core.Decision,
        partitions: int,
        partition_sets: Mapping[str, Any],
        startup_timeout: int | None,
    ) -> WholeRun | None:
        """Plan a query for one worker.

        Args:
            builder: Daft's Rust builder of the optimized logical plan.
            config: The `PyDaftExecutionConfig` of the query.
            query_id: The id of the query.
            decision: The decision about the query.
            partitions: How many partitions the results are to have, if there are as many rows.
            partition_sets: The in-memory tables of the driver.
            startup_timeout: How long Daft waits for its workers, in seconds, or None if this Daft takes
                no such timeout.

        Returns:
            The run, or None if the query does not run on one worker.
        """
        memory_bytes = decision.whole_query_bytes
        if memory_bytes is None:
            return None
        try:
            plan, scans, tables = whole_plans.local_plan(builder, list(partition_sets))
        except Exception:
            # If the query itself is wrong, Daft says so when it runs in tasks.
            logger.warning(
                "layout %s: a query runs in tasks, because planning it for one worker failed",
                decision.layout,
                exc_info=True,
            )
            return None
        return cls(
            builder,
            WholeQuery(
                plan=plan,
                scans=scans,
                tables=tables,
                config=config,
                query_id=query_id,
                partitions=partitions,
                memory_bytes=memory_bytes,
                startup_timeout=startup_timeout,
                writes=decision.writes,
                may_answer_at_once=partition_results.BATCHES.is_available(),
            ),
        )

    def stream(
        self,
        flotilla_runner: Any,
        ask: Callable[..., Any],
        ray: Any,
        plan: Any,
        partition_sets: Any,
    ) -> Generator[Any, None, Any]:
        """Run the query on one worker. Yields and returns what Daft's own `stream_plan` does.

        Args:
            flotilla_runner: Daft's `FlotillaRunner`.
            ask: Sends a function and its arguments to the runner actor, and returns a reference.
            ray: The `ray` module.
            plan: The distributed plan of the query.
            partition_sets: The in-memory tables of the driver.
        """
        plan_id = daft_seams.plan_id(plan)
        begun = ask(in_runner.calls.begin_whole_query, plan, partition_sets, plan_id, self.query)
        answer: WholeAnswer | None = ray.get(begun)
        if answer is not None:
            yield from partition_results.each(answer.partitions)
            return answer.stats
        runner = whole_plans.started_by(flotilla_runner, lambda *_: begun)
        return (yield from runner.stream_plan(plan, partition_sets))

    def end(self, report: WholeQueryReport) -> None:
        """Note how the query has run, and remember its plan if one worker was not enough.

        Args:
            report: What the runner says.
        """
        self.failure, self.query_plan = report.failure, report.query_plan
        if report.failure is None:
            return
        then = ""
        if report.is_lasting:
            UNFIT.add(self._builder)
            then = ", as it will from now on"
        logger.warning(
            "a query was to run on one worker and ran in tasks%s: %s", then, report.failure
        )


UNFIT = Unfit()
