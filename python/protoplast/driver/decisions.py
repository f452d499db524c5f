"""On which workers a query runs. Rust decides; here Daft is asked for its plan, and for a finer one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from protoplast import _core
from protoplast.driver.outputs import Output
from protoplast.driver.plan_reading import PlanSaid, read_plan, read_plan_elsewhere
from protoplast.errors import ProtoplastError, TaskTooLargeError
from protoplast.seams import daft as daft_seams
from protoplast.seams import ray as ray_seams
from protoplast.seams import scan_options
from protoplast.seams.rebind import Overlay
from protoplast.worker.node_facts import with_facts

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Query:
    """A query as it begins.

    Args:
        builder: The builder in Rust of its optimized logical plan.
        make: Makes the plan of such a builder under an execution config of Daft's.
        config: The execution config of the query.
        own_options: The options of the config that the user is known to have set.
        output: How its rows leave it; None if that does not matter or is not known.
    """

    builder: Any
    make: Callable[[Any, Any], Any]
    config: Any
    own_options: Collection[str] = field(default=frozenset())
    output: Output | None = None


@dataclass(frozen=True)
class Planned:
    """A query's plan, and on which workers it runs.

    Args:
        plan: The plan to run, a `DistributedPhysicalPlan`.
        shown: The same for whoever only looks at it: it reads no footer of a file that is not on the
            driver's disk.
        decision: The decision.
    """

    plan: Any
    shown: Any
    decision: _core.Decision


def decide(layout: _core.Layout, ray: Any, said: PlanSaid, builder: Any = None) -> _core.Decision:
    """Decide on which workers a query runs.

    Args:
        layout: The layout that was asked for.
        ray: The module.
        said: What Daft says of the query's plan.
        builder: The builder in Rust of its optimized logical plan, if that is known.

    Raises:
        TaskTooLargeError: A task fits no node, and none may come.
        LayoutError: A node cannot be planned.
    """
    nodes = with_facts(layout, ray.nodes(), ray)
    texts = said.text, "" if builder is None else daft_seams.plan_text(builder)
    try:
        return _core.decide(layout, *texts, nodes, can_grow=False)
    except TaskTooLargeError:
        if not ray_seams.cluster_can_grow():
            raise
        return _core.decide(layout, *texts, nodes, can_grow=True)


def plan_and_decide(layout: _core.Layout, ray: Any, query: Query) -> Planned:
    """Plan a query and decide on which workers it runs.

    If Python code would leave slots without work, its scans are split, and if it has many small files,
    they are merged, for this query alone.

    Args:
        layout: The layout that was asked for.
        ray: The module.
        query: The query.

    Raises:
        TaskTooLargeError: A task fits no node, and none may come.
        LayoutError: A node cannot be planned.
    """
    return _Planning(layout, ray, query).planned()


class _Planning:
    """The planning of one query."""

    def __init__(self, layout: _core.Layout, ray: Any, query: Query) -> None:
        self._layout = layout
        self._ray = ray
        self._query = query
        self._reads_remote = False

    def planned(self) -> Planned:
        query = self._query
        whole = query.make(query.builder, query.config)
        said = self._said_of_whole(whole)
        first = decide(self._layout, self._ray, said, query.builder)
        self._reads_remote = first.reads_remote
        if (why := scan_options.why_unsplit(query.config, query.own_options)) is not None:
            return Planned(whole, whole, first.unsplit(why))
        try:
            return self._merged(first) or self._split(whole, first)
        except ProtoplastError:
            raise
        except Exception:
            # Daft's own tasks do as well. What is wrong with the query itself, Daft says when it runs.
            logger.warning("scans are left as they are, since they could not be cut", exc_info=True)
            return Planned(whole, whole, first)

    def _said_of_whole(self, whole: Any) -> PlanSaid:
        query = self._query
        if not scan_options.reads_footers(query.config):
            return read_plan(whole)
        # The user has Daft split scans. Without that, no footer is read to see which files there are.
        simple = read_plan(query.make(query.builder, scan_options.not_splitting(query.config)))
        if not decide(self._layout, self._ray, simple, query.builder).reads_remote:
            return read_plan(whole)
        return read_plan_elsewhere(whole, self._ray) or simple

    def _merged(self, first: _core.Decision) -> Planned | None:
        query = self._query
        merge = first.merge()
        if (
            merge is None
            or not scan_options.may_merge_scans(query.config, query.own_options)
            or ray_seams.cluster_can_grow()  # An autoscaler adds nodes for the tasks that wait.
        ):
            return None
        plan = query.make(query.builder, scan_options.merging_scans(query.config, *merge))
        decision = decide(self._layout, self._ray, read_plan(plan), query.builder)
        logger.debug("small files read together, up to %d in a task: %s", merge[1], decision.reason)
        return Planned(plan, plan, decision)

    def _split(self, whole: Any, first: _core.Decision) -> Planned:
        query = self._query
        aim, gathered = self._aim(whole, first)
        size: int | None
        config, decision, partitions = query.config, first, None
        tried: list[tuple[int, _core.Decision]] = []
        row_groups: list[list[int]] | None = None
        while (size := aim.next_split(tried, row_groups or [])) is not None:
            if row_groups is None and (row_groups := scan_options.row_groups(aim.files_to_split())):
                continue  # They tell a better size.
            config = scan_options.splitting_scans(query.config, size, first.reads_remote)
            said = self._read(query.make(query.builder, config), counts=gathered is not None)
            if said is None:
                return Planned(whole, whole, first.unsplit(_core.Unsplit.UNREAD))
            decision = decide(self._layout, self._ray, said, query.builder)
            partitions = said.partitions
            # If it warns and did not before, Daft could not read the files closer. The query tells the
            # user why, if that matters.
            if decision.warns and not first.warns:
                return Planned(whole, whole, first)
            if (refused := aim.refused(decision)) is not None:
                return Planned(whole, whole, refused)
            logger.debug("scans split at %d bytes: %s", size, decision.reason)
            tried.append((size, decision))
        if not tried:
            return Planned(whole, whole, decision)
        builder = query.builder
        if query.output and gathered is not None and (partitions or 0) > gathered:
            logger.debug("%s partitions are gathered into %d", partitions, gathered)
            builder = query.output.gathered(gathered, query.config)
        return self._planned(builder, config, decision)

    def _aim(self, whole: Any, first: _core.Decision) -> tuple[_core.Decision, int | None]:
        """Return the decision to split by, and into how many partitions the rows are gathered."""
        query = self._query
        if query.output is None or first.next_split([], []) is None:
            return first, None
        partitions = daft_seams.plan_partitions(whole)
        if partitions is None:
            return first, None
        cut = first.cut_for_output(
            partitions,
            query.output.columns(),
            query.output.file_bytes(query.config),
            can_gather=scan_options.can_gather(query.config),
        )
        return cut or (first, None)

    def _read(self, plan: Any, counts: bool) -> PlanSaid | None:
        if not self._reads_remote:
            return read_plan(plan, counts)
        return read_plan_elsewhere(plan, self._ray, counts)

    def _planned(self, builder: Any, config: Any, decision: _core.Decision) -> Planned:
        plan = self._query.make(builder, config)
        if not self._reads_remote:
            return Planned(plan, plan, decision)
        simple = self._query.make(builder, scan_options.not_splitting(config))
        return Planned(plan, Overlay(plan, **daft_seams.plan_views(simple)), decision)
