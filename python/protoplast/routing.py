"""Sends each query of Daft's to a fleet.

`RayRunner.run_iter` plans a query and hands it to `self.flotilla_plan_runner`. It is called here with
a stand-in for `self` in which that name is the fleet's, so Daft's own runner is neither started nor
changed, and queries in several threads do not see each other's choice. What makes the plan is lent to
it as well, so that a query can be planned more finely than Daft would.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from typing import Any

from protoplast import _core, daft_seams
from protoplast.daft_seams import Seams
from protoplast.decisions import decide, plan_and_decide
from protoplast.explanation import RECENT, Explanation
from protoplast.fleet import FLEETS
from protoplast.overlay import Overlay

logger = logging.getLogger(__name__)


def run_iter(
    original: Callable[..., Generator[Any, None, Any]],
    seams: Seams,
    layout: _core.Layout,
    ray_runner: Any,
    *args: Any,
    **kwargs: Any,
) -> Generator[Any, None, Any]:
    """Run a query through Daft's own `run_iter`, on the fleet of a layout.

    Args:
        original: Daft's own `RayRunner.run_iter`.
        seams: The checked seams of Daft's.
        layout: The layout in force when the query began.
        ray_runner: The process's `RayRunner`.
        *args: What Daft's `run_iter` takes after it.
        **kwargs: The same.
    """
    router = _Router(layout, seams, ray_runner)
    stand_in = _RunnerOfOneQuery(ray_runner, router)
    if daft_seams.plans_by_name(original):
        original = daft_seams.rebound(original, router.names(original))
    result = yield from original(stand_in, *args, **kwargs)
    if not router.used:
        # Daft before 0.6 has engines besides Flotilla (enable_aqe, or a plan it cannot distribute).
        logger.warning(
            "layout %s: Daft ran a query on another engine than Flotilla, which has no workers",
            layout,
        )
    return result


class _Router:
    """What a query finds as its `flotilla_plan_runner`, and what plans it."""

    def __init__(self, layout: _core.Layout, seams: Seams, ray_runner: Any) -> None:
        self.used = False
        self._asked = layout
        self._seams = seams
        self._ray_runner = ray_runner
        # What was decided when the plan was made, where it was made here.
        self._planned: tuple[Any, _core.Decision] | None = None

    def names(self, run_iter: Any) -> dict[str, Any]:
        """Return the global names that Daft's function sees in place of its module's."""
        plans = run_iter.__globals__[daft_seams.PLANS]
        make = plans.from_logical_plan_builder

        def make_and_decide(builder: Any, *ids: Any) -> Any:
            # The execution config comes last, after the query's id where there is one.
            *ids_alone, config = ids

            def plan(config: Any) -> Any:
                return make(builder, *ids_alone, config)

            try:
                self._planned = plan_and_decide(self._asked, self._seams.ray, builder, plan, config)
            except Exception as error:
                # Raised again when the query is to run: before 0.6 Daft takes an error here for a plan
                # that it cannot distribute, and runs it on another engine.
                logger.debug("layout %s: no decision yet: %s", self._asked, error)
                return plan(config)
            return self._planned[0]

        return {daft_seams.PLANS: Overlay(plans, from_logical_plan_builder=make_and_decide)}

    def stream_plan(self, plan: Any, partition_sets: Any) -> Generator[Any, None, Any]:
        self.used = True
        decision = self._decision(plan)
        serving = FLEETS.query(decision.layout, self._asked, self._seams, self._ray_runner)
        with serving as fleet:
            return (yield from fleet.stream(plan, partition_sets))

    def _decision(self, plan: Any) -> _core.Decision:
        if self._planned is not None and self._planned[0] is plan:
            decision = self._planned[1]
        else:
            decision = decide(self._asked, self._seams.ray, plan)
        explanation = Explanation.of(self._asked, decision)
        RECENT.append(explanation)
        logger.log(logging.WARNING if decision.warns else logging.INFO, "%s", decision.reason)
        if decision.hint is not None:
            logger.info("layout %s: %s", decision.layout, decision.hint)
        if decision.per_worker is not None:
            logger.info("layout %s: %s", decision.layout, decision.per_worker)
        return decision


class _RunnerOfOneQuery:
    """A `RayRunner` as it is, but for where its plans go."""

    def __init__(self, ray_runner: Any, router: _Router) -> None:
        self._ray_runner = ray_runner
        self.flotilla_plan_runner = router

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ray_runner, name)
