"""On which workers a query runs. Rust decides; here Daft is asked for its plan, and for a finer one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from protoplast import _core, daft_seams, scans
from protoplast.errors import TaskTooLargeError
from protoplast.node_facts import with_facts

logger = logging.getLogger(__name__)


def decide(layout: _core.Layout, ray: Any, plan: Any, builder: Any = None) -> _core.Decision:
    """Decide on which workers a query runs.

    Args:
        layout: The layout that was asked for.
        ray: The module.
        plan: The query's `DistributedPhysicalPlan`.
        builder: The builder in Rust of its optimized logical plan, where that is known.

    Raises:
        TaskTooLargeError: A task fits no node, and none may come.
        LayoutError: A node cannot be planned.
    """
    nodes = with_facts(layout, ray.nodes(), ray)
    texts = daft_seams.plan_text(plan), "" if builder is None else daft_seams.plan_text(builder)
    try:
        return _core.decide(layout, *texts, nodes, can_grow=False)
    except TaskTooLargeError:
        if not daft_seams.cluster_can_grow():
            raise
        return _core.decide(layout, *texts, nodes, can_grow=True)


def plan_and_decide(
    layout: _core.Layout, ray: Any, builder: Any, make: Callable[[Any], Any], config: Any
) -> tuple[Any, _core.Decision]:
    """Plan a query and decide on which workers it runs.

    Where Python code would leave slots without work, its scans are split, and where it has many small
    files, they are merged, for this query alone.

    Args:
        layout: The layout that was asked for.
        ray: The module.
        builder: The builder in Rust of its optimized logical plan.
        make: Makes the plan under an execution config of Daft's.
        config: The one of the query.

    Returns:
        The plan to run and the decision.

    Raises:
        TaskTooLargeError: A task fits no node, and none may come.
        LayoutError: A node cannot be planned.
    """
    whole = plan = make(config)
    first = decision = decide(layout, ray, plan, builder)
    if (why := scans.why_unsplit(config)) is not None:
        return plan, decision.unsplit(why)
    # An autoscaler adds nodes for the tasks that wait.
    if (
        (merge := first.merge()) is not None
        and scans.may_merge_scans(config)
        and not daft_seams.cluster_can_grow()
    ):
        plan = make(scans.merging_scans(config, *merge))
        decision = decide(layout, ray, plan, builder)
        logger.debug("small files read together, up to %d in a task: %s", merge[1], decision.reason)
        return plan, decision
    tried: list[tuple[int, _core.Decision]] = []
    if first.next_split(tried, []) is None:
        return plan, decision
    if first.reads_remote and scans.asks_own_machine(plan):
        return plan, decision.unsplit(_core.Unsplit.OWN_MACHINE)
    row_groups = scans.row_groups(first.files_to_split())
    while (size := first.next_split(tried, row_groups)) is not None:
        plan = make(scans.splitting_scans(config, size, first.reads_remote))
        decision = decide(layout, ray, plan, builder)
        # Where it warns and did not before, Daft could not read the files closer. The query tells the
        # user why, if that matters.
        if decision.warns and not first.warns:
            return whole, first
        if first.cuts_other_scans(decision):
            return whole, first.unsplit(_core.Unsplit.OTHER_SCANS)
        logger.debug("scans split at %d bytes: %s", size, decision.reason)
        tried.append((size, decision))
    return plan, decision
