"""Decides which workers a query runs on and how its scans are cut into tasks.

Rust decides: its `ScanTuner` says which plan of the query to try next. Python has Daft make that plan.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from protoplast import _core
from protoplast.driver.outputs import Output, OutputDescription
from protoplast.driver.plan_reading import PlanDescription, read_plan, read_plan_remotely
from protoplast.driver.python_code.learned import LEARNED
from protoplast.driver.python_code.work import WORK
from protoplast.driver.whole_query import UNFIT
from protoplast.errors import ProtoplastError
from protoplast.seams import daft as daft_seams
from protoplast.seams import ray as ray_seams
from protoplast.seams import scan_options
from protoplast.seams.rebind import Overlay
from protoplast.worker.node_facts import with_facts

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Query:
    """A query that is about to be planned.

    Args:
        builder: Daft's Rust builder of the query's optimized logical plan.
        make: Makes the distributed plan from such a builder and an execution config.
        config: The execution config of the query.
        user_options: The options of the config that the user is known to have set.
        output: How the rows leave the query, or None if that does not matter or is not known.
        collects: Whether the query is known to be read to its end before its rows are used.
    """

    builder: Any
    make: Callable[[Any, Any], Any]
    config: Any
    user_options: Collection[str] = field(default=frozenset())
    output: Output | None = None
    collects: bool = True


@dataclass(frozen=True)
class Planned:
    """The plan of a query, and the workers that it runs on.

    Args:
        plan: The `DistributedPhysicalPlan` to run.
        shown: The same plan for display. Printing it reads no footer of a file that is not on the
            driver's disk.
        decision: The workers, and why these.
        partitions: How many partitions the results are to have if the query runs on one worker.
    """

    plan: Any
    shown: Any
    decision: _core.Decision
    partitions: int = 1


def decide(layout: _core.Layout, ray: Any, plan: Any) -> _core.Decision:
    """Decide which workers a plan runs on, without changing the plan.

    Args:
        layout: The layout in force.
        ray: The `ray` module.
        plan: A `DistributedPhysicalPlan`.

    Raises:
        TaskTooLargeError: A task fits no node, and the cluster cannot grow.
        LayoutError: A node cannot be laid out.
    """
    nodes = with_facts(layout, ray.nodes(), ray)
    # The logical plan is not at hand, of which one worker could run the whole.
    tuner = _core.ScanTuner(layout, nodes, read_plan(plan).text, scarce=LEARNED.scarce())
    return tuner.tune(_CanGrow()).decision


def plan_and_decide(layout: _core.Layout, ray: Any, query: Query) -> Planned:
    """Plan a query and decide which workers it runs on.

    If the query runs Python code in fewer tasks than there are slots, its scans are split. If it reads
    many small files, they are merged. Both happen for this query alone.

    Args:
        layout: The layout in force.
        ray: The `ray` module.
        query: The query.

    Raises:
        TaskTooLargeError: A task fits no node, and the cluster cannot grow.
        LayoutError: A node cannot be laid out.
    """
    whole = query.make(query.builder, query.config)
    tuner_if = partial(
        _core.ScanTuner,
        layout,
        with_facts(layout, ray.nodes(), ray),
        _describe_whole(whole, ray, query).text,
        daft_seams.plan_text(query.builder),
        can_replan=True,
        split_blocked=scan_options.split_blocked(query.config, query.user_options),
        may_merge=scan_options.may_merge_scans(query.config, query.user_options),
        knows_output=query.output is not None,
        scarce=LEARNED.scarce(),
        work=WORK.known(),
    )
    tuner = tuner_if(one_worker_blocked=_one_worker_blocked(query))
    if _has_scattered_groups(tuner.whole):
        tuner = tuner_if(one_worker_blocked=_core.OneWorkerBlocked.SCATTERED_GROUPS)
    if tuner.whole.whole_query_bytes is not None:
        return Planned(whole, whole, tuner.whole, _partitions(whole, tuner.whole, query))
    planner = _Planner(whole, ray, query)
    try:
        return planner.planned(tuner.tune(planner))
    except ProtoplastError:
        raise
    except Exception:
        # The plan as Daft made it runs too. If the query itself is wrong, Daft says so when it runs.
        logger.warning(
            "layout %s: scans keep the tasks that Daft made, because planning the query again failed",
            layout,
            exc_info=True,
        )
        return Planned(whole, whole, tuner.whole)


def _describe_whole(whole: Any, ray: Any, query: Query) -> PlanDescription:
    if not scan_options.reads_footers(query.config):
        return read_plan(whole)
    # The user has told Daft to split scans, so printing the plan reads footers. A plan without splitting
    # names the same files and reads none.
    simple = read_plan(query.make(query.builder, scan_options.not_splitting(query.config)))
    if not _core.reads_remote_files(simple.text):
        return read_plan(whole)
    return read_plan_remotely(whole, ray) or simple


def _one_worker_blocked(query: Query) -> _core.OneWorkerBlocked | None:
    if not query.collects:
        return UNFIT.blocked(query.builder) or _core.OneWorkerBlocked.STREAMED
    return UNFIT.blocked(query.builder)


def _has_scattered_groups(decision: _core.Decision) -> bool:
    """Return whether the groups of a query are so scattered that tasks are faster than one worker."""
    if decision.groups_to_sample is None:
        return False
    sample = scan_options.keys_of_batch(*decision.groups_to_sample)
    return sample is not None and _core.are_groups_scattered(*sample)


def _partitions(plan: Any, decision: _core.Decision, query: Query) -> int:
    """Return how many partitions a query on one worker leaves: if it is collected, as many as on stock.

    The next query has a task for each, and has no use for more than there are slots.
    """
    if query.output is None or not query.output.is_collected:
        return 1
    if scan_options.reads_footers(query.config):  # Counting would read the footers of files.
        return decision.slots
    return min(daft_seams.plan_partitions(plan) or decision.slots, decision.slots)


class _CanGrow:
    """Answers what the `ScanTuner` in Rust asks about the cluster."""

    def can_grow(self) -> bool:
        """Return whether an autoscaler may add nodes."""
        return ray_seams.cluster_can_grow()


class _Planner(_CanGrow):
    """Makes the plans of one query that the `ScanTuner` in Rust asks for."""

    def __init__(self, whole: Any, ray: Any, query: Query) -> None:
        self._whole = whole
        self._ray = ray
        self._query = query
        # The plan that the tuner asked for last, and the config that it was made with.
        self._plan = whole
        self._config = query.config
        # Whether printing that plan reads the footers of files that are not on the driver's disk. A plan
        # with merged files reads none.
        self._reads_remote_footers = False

    def describe_output(self) -> OutputDescription:
        """Return how the rows leave the query if its scans are not split."""
        query = self._query
        assert query.output is not None  # `knows_output` told the tuner so.
        return OutputDescription(
            partitions=daft_seams.plan_partitions(self._whole),
            columns=query.output.columns(),
            file_bytes=query.output.file_bytes(query.config),
            can_gather=scan_options.can_gather(query.config),
        )

    def row_groups(self, files: list[str]) -> list[list[int]]:
        """Return the compressed bytes of each file's row groups, or nothing if a file cannot be read."""
        return scan_options.row_groups(files)

    def merge(self, size_bytes: int, files: int) -> PlanDescription:
        """Plan the query with up to `files` small files in one task."""
        logger.debug("planning with up to %d small files in one task", files)
        self._replan(scan_options.merging_scans(self._query.config, size_bytes, files))
        return read_plan(self._plan)

    def split(
        self, size_bytes: int, reads_remote: bool, counts_partitions: bool
    ) -> PlanDescription | None:
        """Plan the query with its scans split. Returns None if the plan could not be read in time."""
        logger.debug("planning with scans split at %d bytes", size_bytes)
        config = scan_options.splitting_scans(self._query.config, size_bytes, reads_remote)
        self._replan(config)
        self._reads_remote_footers = reads_remote
        if not reads_remote:
            return read_plan(self._plan, counts_partitions)
        return read_plan_remotely(self._plan, self._ray, counts_partitions)

    def planned(self, run: _core.Run) -> Planned:
        """Return the plan that the tuner has chosen."""
        if not run.is_replanned:
            return Planned(self._whole, self._whole, run.decision)
        builder = self._query.builder
        if run.gathered is not None and self._query.output is not None:
            logger.debug("planning with the rows gathered into %d partitions", run.gathered)
            builder = self._query.output.gathered(run.gathered, self._query.config)
            self._plan = self._query.make(builder, self._config)
        if not self._reads_remote_footers:
            return Planned(self._plan, self._plan, run.decision)
        simple = self._query.make(builder, scan_options.not_splitting(self._config))
        shown = Overlay(self._plan, **daft_seams.plan_views(simple))
        return Planned(self._plan, shown, run.decision)

    def _replan(self, config: Any) -> None:
        self._config = config
        self._plan = self._query.make(self._query.builder, config)
