"""What runs inside the runner actor, sent there with `actor.__ray_call__`.

Each function takes the actor's own instance first, as `__ray_call__` passes it.
"""

from __future__ import annotations

import logging
from typing import Any

from protoplast import _core
from protoplast.errors import NotInEffectError
from protoplast.runner.cluster_view import ClusterView
from protoplast.runner.drain import DRAINED
from protoplast.runner.guard import Guard
from protoplast.runner.messages import RunnerReport, StartupProgress
from protoplast.runner.retirement import RETIREMENT
from protoplast.seams import daft as daft_seams
from protoplast.seams import runner_actor

logger = logging.getLogger(__name__)


def install(_actor: Any, layout: _core.Layout) -> RunnerReport:
    """Put the view of the cluster in the place of Daft's `start_ray_workers`.

    Rust looks that function up by name in this process (`worker_manager.rs`, Daft 0.5.22 to 0.7.26),
    so it has to be replaced here. To install again under the same layout changes nothing.

    Raises:
        UnsupportedDaftError: The Daft of this process lacks a seam.
        NotInEffectError: Another layout is installed.
    """
    seams = daft_seams.load() if _view() is None else None
    if seams is not None:
        flotilla = seams.flotilla
        _put_in(ClusterView(layout, flotilla, runner_actor.start_ray_workers()))
        for name in (runner_actor.WORKER_ACTOR, runner_actor.WORKER_HANDLE):
            setattr(flotilla, name, Guard(name, getattr(flotilla, name)))
        logger.info("layout %s: view of the cluster installed in the runner", layout)
    answer = report(_actor)
    if answer.layout != layout:
        raise NotInEffectError(
            f"the runner has the layout '{answer.layout}' and was asked for '{layout}'"
        )
    return answer


def report(_actor: Any) -> RunnerReport:
    """Say what is installed and which workers there are.

    Raises:
        NotInEffectError: The view is not installed in this process.
    """
    view = _view()
    if view is None:
        raise NotInEffectError("the view of the cluster is not installed in the runner's process")
    return RunnerReport(
        _core.__version__, view.layout, tuple(view.started), tuple(view.failed), len(DRAINED)
    )


def startup_progress(_actor: Any) -> StartupProgress:
    """Say how many workers are up, or that none are to come where Daft shows no progress here."""
    view = _view()
    if view is None or daft_seams.tqdm_of_bars() is None:
        return StartupProgress(0, 0, is_starting=False)
    return view.startup_progress()


def abandon(actor: Any, plan_id: str, writes: bool) -> None:
    """Let a query end whose results nobody will read. Does not wait.

    Args:
        actor: The runner.
        plan_id: The query's plan.
        writes: Whether it writes. The driver says so: to read a plan again may take for ever here, with
            the GIL held, if it reads the footers of files on a server that does not answer.
    """
    DRAINED.add(actor, plan_id, writes)


def retire(actor: Any, term: int, writing: frozenset[str]) -> None:
    """End the workers, and this process as soon as it owns no result any more.

    Results of Daft's are owned by the runner, and are lost with it. What owns nothing is of no use.
    It is asked when no query runs here any more, so a plan that Daft still holds was abandoned half-way,
    and nobody will read its results.

    Args:
        actor: The runner.
        term: Which term of its service is over.
        writing: The plans of abandoned queries that write, also of those that have ended.
    """
    view = _view()
    if view is not None:
        RETIREMENT.begin(actor, view, term, writing)


def resume(actor: Any, term: int, startup_timeout: int | None) -> bool:
    """Take up the service of a runner that was retired, with new workers at the next query.

    Args:
        actor: The runner.
        term: Which term of its service begins.
        startup_timeout: How long Daft waits for its workers, in seconds; None where Daft takes none.

    Returns:
        False where this runner cannot be taken up.
    """

    def renew() -> None:
        # Daft's own still counts on the workers that were ended.
        runner_actor.renew_plan_runner(actor, startup_timeout)
        if view is not None:
            _put_in(view.renewed())

    view = _view()
    return view is not None and RETIREMENT.end(term, renew)


def _put_in(view: ClusterView) -> None:
    runner_actor.put_in(view.flotilla, view, view.head_worker_id)


def _view() -> ClusterView | None:
    installed = runner_actor.start_ray_workers()
    return installed if isinstance(installed, ClusterView) else None
