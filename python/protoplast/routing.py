"""Sends each query of Daft's to a fleet.

`RayRunner.run_iter` plans a query and hands it to `self.flotilla_plan_runner`. It is called here with
a stand-in for `self` in which that name is the fleet's, so Daft's own runner is neither started nor
changed, and queries in several threads do not see each other's choice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from typing import Any

from protoplast import _core, daft_seams
from protoplast.daft_seams import Seams
from protoplast.errors import TaskTooLargeError
from protoplast.fleet import FLEETS
from protoplast.node_facts import with_facts

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
    result = yield from original(stand_in, *args, **kwargs)
    if not router.used:
        # Daft before 0.6 has engines besides Flotilla (enable_aqe, or a plan it cannot distribute).
        logger.warning(
            "layout %s: Daft ran a query on another engine than Flotilla, which has no workers",
            layout,
        )
    return result


class _Router:
    """What a query finds as its `flotilla_plan_runner`."""

    def __init__(self, layout: _core.Layout, seams: Seams, ray_runner: Any) -> None:
        self.used = False
        self._asked = layout
        self._seams = seams
        self._ray_runner = ray_runner

    def stream_plan(self, plan: Any, partition_sets: Any) -> Generator[Any, None, Any]:
        self.used = True
        layout = self._layout_for(plan)
        serving = FLEETS.query(layout, self._asked, self._seams, self._ray_runner)
        with serving as fleet:
            return (yield from fleet.stream(plan, partition_sets))

    def _layout_for(self, plan: Any) -> _core.Layout:
        text = daft_seams.plan_text(plan)
        nodes = with_facts(self._asked, self._seams.ray.nodes(), self._seams.ray)
        try:
            layout, warning = _core.route(self._asked, text, nodes, can_grow=False)
        except TaskTooLargeError:
            if not daft_seams.cluster_can_grow():
                raise
            layout, warning = _core.route(self._asked, text, nodes, can_grow=True)
        if warning:
            logger.warning(warning)
        return layout


class _RunnerOfOneQuery:
    """A `RayRunner` as it is, but for where its plans go."""

    def __init__(self, ray_runner: Any, router: _Router) -> None:
        self._ray_runner = ray_runner
        self.flotilla_plan_runner = router

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ray_runner, name)
