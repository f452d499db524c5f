"""Functions that the driver sends into the runner actor with `actor.__ray_call__`.

`__ray_call__` passes the instance of the actor as the first argument.
"""

from __future__ import annotations

import logging
from typing import Any

from protoplast import _core
from protoplast.errors import NotInEffectError
from protoplast.runner.cluster_view import ClusterView
from protoplast.runner.drain import DRAINED
from protoplast.runner.guard import Guard
from protoplast.runner.instances.routing import INSTANCES
from protoplast.runner.messages import (
    ExpectedInstance,
    InstanceReport,
    RunnerReport,
    StartupProgress,
    ViewReport,
    WholeAnswer,
    WholeQuery,
    WholeQueryReport,
)
from protoplast.runner.partition_batches import BatchedStreams, PartitionBatches
from protoplast.runner.retirement import RETIREMENT
from protoplast.runner.whole.queries import WHOLE_QUERIES
from protoplast.runner.whole.results import Results
from protoplast.seams import daft as daft_seams
from protoplast.seams import runner_actor

logger = logging.getLogger(__name__)


def install(actor: Any, layout: _core.Layout) -> ViewReport:
    """Install the cluster view of a layout in place of Daft's `start_ray_workers`, and batched streams.

    Daft's Rust code looks that function up by name in this process (`worker_manager.rs`, Daft 0.5.22 to
    0.7.26), so it must be replaced here. A second call with the same layout changes nothing.

    Raises:
        UnsupportedDaftError: The Daft of this process lacks something that the patch relies on.
        NotInEffectError: The view of another layout is installed.
    """
    if _view() is None:
        flotilla = daft_seams.load_flotilla()
        _put_in(ClusterView(layout, flotilla, runner_actor.start_ray_workers()))
        for name in (runner_actor.WORKER_ACTOR, runner_actor.WORKER_HANDLE):
            setattr(flotilla, name, Guard(name, getattr(flotilla, name)))
        runner_actor.put_in_streams(actor, BatchedStreams())
        logger.info("layout %s: cluster view installed in the runner", layout)
    found = _view_report()
    if found.layout != layout:
        raise NotInEffectError(
            f"the runner has the layout '{found.layout}' installed and was asked to install '{layout}'"
        )
    return found


def report(_actor: Any) -> RunnerReport:
    """Report the installed layout and the workers of this runner.

    Raises:
        NotInEffectError: No cluster view is installed in this process.
    """
    view = _view()
    if view is None:
        raise _not_installed()
    return RunnerReport(_core.__version__, view.layout, tuple(view.started), tuple(view.failed))


def startup_progress(_actor: Any) -> StartupProgress:
    """Report how many workers are up. If Daft shows no progress bars here, report an ended start."""
    view = _view()
    if view is None or daft_seams.tqdm_of_bars() is None:
        return StartupProgress(0, 0, is_starting=False)
    return view.startup_progress()


def expect_instances(_actor: Any, plan_id: str, instances: tuple[ExpectedInstance, ...]) -> None:
    """Prepare for a query that uses class UDFs.

    Args:
        _actor: The instance of `RemoteFlotillaRunner`.
        plan_id: The id of the query's plan.
        instances: Its objects that are costly to build.
    """
    INSTANCES.expect(plan_id, instances)


def end_instances(_actor: Any, plan_id: str) -> list[InstanceReport]:
    """Have the workers free the instances of a query that has ended. Does not wait.

    Args:
        _actor: The instance of `RemoteFlotillaRunner`.
        plan_id: The id of the query's plan.

    Returns:
        What the query has shown of its instances.
    """
    return INSTANCES.end_query(plan_id)


def collect(actor: Any, plan_id: str) -> None:
    """Hand the results of a query over in the largest batches, because its driver collects them all.

    Args:
        actor: The instance of `RemoteFlotillaRunner`.
        plan_id: The id of the query's plan.
    """
    results = runner_actor.results_of(actor, plan_id)
    if isinstance(results, PartitionBatches):
        results.is_collected = True


def abandon(actor: Any, plan_id: str, writes: bool) -> bool:
    """Run an abandoned query, whose results nobody will read, to its end, or end it. Does not wait.

    Args:
        actor: The instance of `RemoteFlotillaRunner`.
        plan_id: The id of the query's plan.
        writes: Whether the query writes. The driver knows; printing the plan here again could hang with
            the GIL held, if it reads the footers of files from a server that does not answer.

    Returns:
        Whether the query still runs. A query on one worker is ended, unless it writes.
    """
    if WHOLE_QUERIES.abandon(actor, plan_id):
        return False
    DRAINED.add(actor, plan_id, writes)
    return True


def begin_whole_query(
    actor: Any, plan: Any, partition_sets: Any, plan_id: str, query: WholeQuery
) -> WholeAnswer | None:
    """Begin a query that runs as one task on one worker.

    Waits only if this process has not imported what Daft makes results of, until the query has ended or
    the import has.

    Args:
        actor: The instance of `RemoteFlotillaRunner`.
        plan: The distributed plan of the query, which runs if one worker cannot run all of it.
        partition_sets: The in-memory tables of the driver.
        plan_id: The id of the query's plan.
        query: The query.

    Returns:
        The answer, if the query has ended by then without an error. Otherwise Daft's
        `get_next_partition` gives its results.

    Raises:
        NotInEffectError: No cluster view is installed in this process.
    """
    view = _view()
    if view is None:
        raise _not_installed()
    return WHOLE_QUERIES.begin(Results(actor, view, plan_id, plan, partition_sets, query))


def end_whole_query(_actor: Any, plan_id: str) -> WholeQueryReport:
    """Note that a query was read to its end, and report how it has run.

    Args:
        _actor: The instance of `RemoteFlotillaRunner`.
        plan_id: The id of the query's plan.
    """
    if view := _view():
        view.scale_in()
    return WHOLE_QUERIES.end(plan_id)


def retire(actor: Any, term: int, writing: frozenset[str]) -> None:
    """End the workers now, and this process as soon as it owns no results. Does not wait.

    The runner owns the results of its queries, and they are lost when it ends. The driver calls this
    when nobody waits for a query here, so every plan that Daft still holds was abandoned.

    Args:
        actor: The instance of `RemoteFlotillaRunner`.
        term: The term of service that is over.
        writing: The ids of the plans of abandoned queries that write, including ended ones.
    """
    view = _view()
    if view is not None:
        RETIREMENT.begin(actor, view, term, writing)


def resume(actor: Any, term: int, startup_timeout: int | None) -> bool:
    """Put a retired runner back into service, with new workers at the next query.

    Args:
        actor: The instance of `RemoteFlotillaRunner`.
        term: The term of service that begins.
        startup_timeout: How long Daft waits for its workers, in seconds, or None if this Daft takes no
            such timeout.

    Returns:
        Whether the runner serves again.
    """

    def renew() -> None:
        # Daft's old plan runner still counts on the workers that were ended.
        runner_actor.renew_plan_runner(actor, startup_timeout)
        if view is not None:
            _put_in(view.renewed())

    view = _view()
    return view is not None and RETIREMENT.end(term, renew)


def _view_report() -> ViewReport:
    view = _view()
    if view is None:
        raise _not_installed()
    return ViewReport(_core.__version__, view.layout, len(DRAINED))


def _not_installed() -> NotInEffectError:
    return NotInEffectError("no cluster view is installed in the runner's process")


def _put_in(view: ClusterView) -> None:
    runner_actor.put_in(view.flotilla, view, view.head_worker_id, view.ask_for_nodes)


def _view() -> ClusterView | None:
    installed = runner_actor.start_ray_workers()
    return installed if isinstance(installed, ClusterView) else None
