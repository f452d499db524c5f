"""What runs inside the runner actor, sent there with `actor.__ray_call__`.

Each function takes the actor's own instance first, as `__ray_call__` passes it.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import threading
import time
from dataclasses import dataclass
from typing import Any

from protoplast import _core, daft_seams
from protoplast.abandoned import ABANDONED
from protoplast.cluster_view import ClusterView, StartedWorker
from protoplast.errors import NotInEffectError
from protoplast.guard import Guard
from protoplast.progress import Arrived

logger = logging.getLogger(__name__)

# How often a retired runner looks whether it still owns results, in seconds: at first, and at last,
# since the results may be wanted for days.
_LEAVE_INTERVAL_S = 0.5
_LONGEST_LEAVE_INTERVAL_S = 5.0
# By how much the interval grows each time.
_LEAVE_GROWTH = 1.1

# Whether this process, a runner, was told to leave.
_is_leaving = False


@dataclass(frozen=True)
class RunnerReport:
    """What a runner says of itself.

    Args:
        version: The version of protoplast in the runner's process.
        layout: The layout of the view that is installed there.
        workers: The workers that Daft has in service under that view.
        failed: The workers that could not be started when they were last tried, as planned.
        abandoned: How many queries still run whose results nobody will read.
    """

    version: str
    layout: _core.Layout
    workers: tuple[StartedWorker, ...]
    failed: tuple[_core.Worker, ...]
    abandoned: int


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
        view = ClusterView(layout, flotilla, flotilla.start_ray_workers)
        flotilla.start_ray_workers = view
        flotilla.get_head_node_id = view.head_worker_id
        for name in ("RaySwordfishActor", "RaySwordfishWorker"):
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
        _core.__version__, view.layout, tuple(view.started), tuple(view.failed), len(ABANDONED)
    )


def arrived(_actor: Any) -> Arrived:
    """Say how many workers are up, or that none are to come where Daft shows no progress here."""
    view = _view()
    if view is None or daft_seams.tqdm_of_bars() is None:
        return Arrived(0, 0, goes_on=False)
    return view.arrived()


def abandon(actor: Any, plan_id: str) -> None:
    """Let a query end whose results nobody will read. Does not wait.

    Args:
        actor: The runner.
        plan_id: The query's plan.
    """
    ABANDONED.add(actor, plan_id)


def retire(actor: Any) -> None:
    """End the workers at once, and this process as soon as it owns no result any more.

    Results of Daft's are owned by the runner, and are lost with it. What owns nothing is of no use.
    To ask again changes nothing. It is asked when no query runs here any more, so a plan that Daft
    still holds was abandoned half-way, and nobody will read its results.
    """
    global _is_leaving
    import ray

    view = _view()
    if view is None:
        return
    view.retire()
    ABANDONED.stop()
    daft_seams.drop_plans(actor)
    if not _is_leaving:
        _is_leaving = True
        itself = ray.get_runtime_context().current_actor
        # Ray runs __ray_call__ on a thread without an event loop, and this has to outlive the call.
        threading.Thread(target=_leave_when_unused, args=(itself,), daemon=True).start()


def _leave_when_unused(itself: Any) -> None:
    import ray

    interval = _LEAVE_INTERVAL_S
    while owned_objects() > 0:
        time.sleep(interval)
        interval = min(interval * _LEAVE_GROWTH, _LONGEST_LEAVE_INTERVAL_S)
        _cancel_calls()
        daft_seams.release_dropped()
        # The error of a task that was ended refers to its result in a circle, and an idle process
        # collects no garbage by itself.
        gc.collect()
    logger.info("retired runner owns nothing any more and leaves")
    ray.kill(itself, no_restart=True)


def _cancel_calls() -> None:
    """Cancel the calls that wait in this process, on which no query runs any more.

    A query that was interrupted leaves its `get_next_partition` here. It waits for workers that never
    come, and holds its plan with all the results (0.5.22 to 0.7.26).
    """
    # asyncio lists the tasks of a loop, and Ray's own loop has no public name.
    for found in gc.get_objects():
        if type(found) is asyncio.Task and not found.done():
            with contextlib.suppress(RuntimeError):  # Its loop was closed.
                found.get_loop().call_soon_threadsafe(found.cancel)


def owned_objects() -> int:
    """Count the objects that this process owns or has borrowed and that something still refers to."""
    from ray._private.worker import global_worker

    return len(global_worker.core_worker.get_all_reference_counts())


def _view() -> ClusterView | None:
    installed = daft_seams.start_ray_workers()
    return installed if isinstance(installed, ClusterView) else None
