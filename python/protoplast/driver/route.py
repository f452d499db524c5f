"""Sends each Daft query to a fleet.

`RayRunner.run_iter` plans a query and hands the plan to `self.flotilla_plan_runner`. protoplast calls
`run_iter` with a stand-in for `self` in which that attribute is a `_Router`. So Daft's own runner is
neither started nor changed, and each query has a choice of its own, also among threads. The class that
makes the plan is rebound too, so that the query can be planned with its scans split or merged.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from typing import Any

from protoplast import _core
from protoplast.driver.decisions import Planned, Query, decide, plan_and_decide
from protoplast.driver.fleet import Fleet
from protoplast.driver.fleets import FLEETS
from protoplast.driver.outputs import Output
from protoplast.driver.profiling.recorder import QueryRecorder
from protoplast.driver.python_code.gil_use import GilUse
from protoplast.driver.python_code.query import QueryInstances
from protoplast.driver.python_code.work import WORK
from protoplast.driver.recent import RECENT, Explanation, RecentQuery
from protoplast.driver.user_options import USER_OPTIONS
from protoplast.driver.whole_query import WholeRun
from protoplast.seams import daft as daft_seams
from protoplast.seams import whole_plans
from protoplast.seams.daft import Seams
from protoplast.seams.rebind import Overlay, rebound

logger = logging.getLogger(__name__)


def run_iter(
    original: Callable[..., Generator[Any, None, Any]],
    seams: Seams,
    layout: _core.Layout,
    output: Output | None,
    collects: bool,
    recorder: QueryRecorder | None,
    ray_runner: Any,
    *args: Any,
    **kwargs: Any,
) -> Generator[Any, None, Any]:
    """Run a query through Daft's own `run_iter`, on the fleet of a layout.

    Args:
        original: Daft's own `RayRunner.run_iter`.
        seams: The checked seams.
        layout: The layout in force when the query began.
        output: How the rows leave the query, or None if that does not matter or is not known.
        collects: Whether the query is known to be read to its end before its rows are used.
        recorder: Records the query, or None if it is not profiled.
        ray_runner: The `RayRunner` of this process.
        *args: The positional arguments of `run_iter` after `ray_runner`.
        **kwargs: The keyword arguments of `run_iter`.

    Raises:
        TaskTooLargeError: A task fits no node, and the cluster cannot grow.
        NotInEffectError: The fleet cannot have the workers of its layout.
    """
    router = _Router(layout, output, collects, recorder, seams, ray_runner)
    stand_in = _RunnerOfOneQuery(ray_runner, router)
    if daft_seams.plans_by_name(original):
        original = rebound(original, router.names(original))
    result = yield from original(stand_in, *args, **kwargs)
    if router.local_plan is not None:
        whole_plans.show_local_plan(result, router.local_plan)
    if not router.used:
        # Daft before 0.6 has engines besides Flotilla (enable_aqe, or a plan it cannot distribute).
        logger.warning(
            "layout %s: Daft ran a query on an engine other than Flotilla, without these workers",
            layout,
        )
    return result


class _Router:
    """Stands in for a query's `flotilla_plan_runner`, and plans the query."""

    def __init__(
        self,
        layout: _core.Layout,
        output: Output | None,
        collects: bool,
        recorder: QueryRecorder | None,
        seams: Seams,
        ray_runner: Any,
    ) -> None:
        self.used = False
        self._asked = layout
        self._output = output
        self._collects = collects
        self._recorder = recorder
        self._seams = seams
        self._ray_runner = ray_runner
        # The query as Daft plans it, with its id, if this Daft makes its plans by name.
        self._query: Query | None = None
        self._query_id = ""
        # The plan that one worker has run, in JSON, if one has run the query.
        self.local_plan: str | None = None
        # The plan and decision if `names` has planned the query, or the error that planning raised.
        self._planned: Planned | None = None
        self._error: Exception | None = None

    def names(self, run_iter: Any) -> dict[str, Any]:
        """Return the global names that Daft's `run_iter` sees in place of its module's own."""
        plans = run_iter.__globals__[daft_seams.PLANS]
        make = plans.from_logical_plan_builder

        def make_and_decide(builder: Any, *ids: Any) -> Any:
            # The execution config comes last, after the id of the query if this Daft passes one.
            *ids_alone, config = ids

            def plan(builder: Any, config: Any) -> Any:
                return make(builder, *ids_alone, config)

            query = Query(builder, plan, config, USER_OPTIONS.names, self._output, self._collects)
            self._query, self._query_id = query, str(ids_alone[0]) if ids_alone else ""
            try:
                self._planned = plan_and_decide(self._asked, self._seams.ray, query)
            except Exception as error:
                # `stream_plan` raises it. If it were raised here, Daft before 0.6 would take it for a
                # plan that it cannot distribute, and run the query on another engine.
                self._error = error
                return plan(builder, config)
            return self._planned.shown

        return {daft_seams.PLANS: Overlay(plans, from_logical_plan_builder=make_and_decide)}

    def stream_plan(self, plan: Any, partition_sets: Any) -> Generator[Any, None, Any]:
        self.used = True
        plan, decision = self._plan_and_decision(plan)
        query = self._noted(decision)
        if self._recorder is not None:
            self._recorder.planned(self._query_id, decision, query)
        is_delivered = False
        instances = QueryInstances(decision.memory_bytes, decision.python_tasks)
        whole = self._whole_run(decision, partition_sets)
        serving = FLEETS.query(decision.layout, self._asked, self._seams, self._ray_runner)
        with serving as fleet:
            is_first = not fleet.has_answered
            try:
                rows = fleet.stream(
                    plan,
                    partition_sets,
                    writes=decision.writes,
                    collects=self._collects,
                    instances=instances,
                    whole=whole,
                )
                self._begin_recording(fleet, plan)
                gil_use = GilUse(fleet.ask) if WORK.wants_gil_use(decision) else None
                stats = yield from rows
                is_delivered = True
                WORK.learn(decision, stats, gil_use and gil_use.end())
                self.local_plan = None if whole is None else whole.query_plan
                return stats
            finally:
                if self._recorder is not None:
                    self._recorder.end(delivered=is_delivered)
                if whole is not None and whole.failure is not None:
                    query.ran_in_tasks(whole.failure)
                query.end(was_first=is_first, instances=instances.lines)

    def _begin_recording(self, fleet: Fleet, plan: Any) -> None:
        if self._recorder is not None:
            shown = plan if self._query is None else self._query.builder
            self._recorder.begin(fleet, shown, self._seams.ray)

    def _plan_and_decision(self, plan: Any) -> tuple[Any, _core.Decision]:
        if self._error is not None:
            raise self._error
        planned = self._planned
        if planned is not None and planned.shown is plan:
            return planned.plan, planned.decision
        return plan, decide(self._asked, self._seams.ray, plan)

    def _whole_run(self, decision: _core.Decision, partition_sets: Any) -> WholeRun | None:
        if self._query is None or self._planned is None:
            return None
        return WholeRun.of(
            self._query.builder,
            self._query.config,
            self._query_id,
            decision,
            self._planned.partitions,
            partition_sets,
            daft_seams.startup_timeout(self._seams, self._ray_runner),
        )

    def _noted(self, decision: _core.Decision) -> RecentQuery:
        query = RecentQuery(Explanation.of(self._asked, decision))
        RECENT.append(query)
        logger.log(logging.WARNING if decision.warns else logging.INFO, "%s", decision.reason)
        if decision.hint is not None:
            logger.info("layout %s: %s", decision.layout, decision.hint)
        if decision.cost is not None:
            logger.info("layout %s: %s", decision.layout, decision.cost)
        if decision.per_worker is not None:
            logger.info("layout %s: %s", decision.layout, decision.per_worker)
        return query


class _RunnerOfOneQuery:
    """A `RayRunner` that hands its plans to a `_Router`, and is otherwise the same."""

    def __init__(self, ray_runner: Any, router: _Router) -> None:
        self._ray_runner = ray_runner
        self.flotilla_plan_runner = router

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ray_runner, name)
