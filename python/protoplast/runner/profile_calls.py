"""Functions that the driver sends into the runner actor to see how a query runs."""

from __future__ import annotations

import collections
import logging
from collections.abc import Sequence
from typing import Any

from protoplast import _core
from protoplast.runner.cluster_view import ClusterView
from protoplast.runner.messages import StartedWorker
from protoplast.runner.profiling.messages import RunnerNotes
from protoplast.runner.profiling.recording import RECORDING
from protoplast.seams import runner_actor
from protoplast.worker import calls
from protoplast.worker.node_facts import with_facts

logger = logging.getLogger(__name__)

# How long workers may take to say how they use their GIL, in seconds. Code that holds it may keep one
# from answering, and the next query waits meanwhile.
_ANSWER_TIMEOUT_S = 1.0
# The most queries that have begun and not ended. Those that fail never do.
_MOST_QUERIES = 100

# By query and worker what was counted of the GIL when the query began, as it will come from the worker.
_BEGUN: collections.OrderedDict[str, dict[str, Any]] = collections.OrderedDict()


def begin_profile(_actor: Any, query: str) -> int:
    """Record the tasks of a query from now on; see `Recording.begin`.

    Args:
        _actor: The instance of `RemoteFlotillaRunner`.
        query: The id of the query.
    """
    return RECORDING.begin(query)


def end_profile(_actor: Any, query: str, functions: Sequence[str]) -> RunnerNotes | None:
    """Return what was recorded of a query, and record no more of it; see `Recording.end`.

    Args:
        _actor: The instance of `RemoteFlotillaRunner`.
        query: The id of the query.
        functions: The names of its Python functions.
    """
    view = _view()
    if view is None:
        return RECORDING.end(query, functions, [], [])
    ray = view.flotilla.ray
    planned = _core.plan(view.layout, with_facts(view.layout, ray.nodes(), ray)).workers
    return RECORDING.end(query, functions, view.started, planned)


def begin_gil_use(_actor: Any, query: str) -> None:
    """Ask all workers what they have counted of their GIL so far. Does not wait.

    Daft's own workers, which protoplast does not set up, watch their GIL from then on.

    Args:
        _actor: The instance of `RemoteFlotillaRunner`.
        query: A name for the query.
    """
    started = _started()
    for worker in started:
        worker.actor.__ray_call__.remote(calls.watch_gil)
    _BEGUN[query] = _counters(started)
    while len(_BEGUN) > _MOST_QUERIES:
        _BEGUN.popitem(last=False)


def end_gil_use(_actor: Any, query: str) -> list[tuple[int, float, int]] | None:
    """Return how the workers have used their GIL since the query began. Waits for them.

    Args:
        _actor: The instance of `RemoteFlotillaRunner`.
        query: The name of the query.

    Returns:
        Of each worker how many tasks it runs at once, the part of the time in which its GIL was held,
        and that time, in microseconds. None if a worker cannot tell, or has gone meanwhile.
    """
    import ray

    started = _started()
    begun, now = _BEGUN.pop(query, None), _counters(started)
    if begun is None or not begun.keys() <= now.keys():
        return None
    asked = [(worker.worker, begun.get(worker.worker.worker_id)) for worker in started]
    try:
        # Each worker answers in order, so all earlier answers are there as well.
        later = ray.get(list(now.values()), timeout=_ANSWER_TIMEOUT_S)
        earlier = [since and ray.get(since, timeout=_ANSWER_TIMEOUT_S) for _, since in asked]
    except ray.exceptions.RayError as error:
        logger.debug("how the GIL was used is not known: %s", error)
        return None
    found = []
    for (worker, _), since, until in zip(asked, earlier, later, strict=True):
        window = until and until.window(since)  # All of its time, if it has come up since.
        if window is None:
            return None
        elapsed_us = until.elapsed_us - (since.elapsed_us if since else 0)
        found.append((worker.cpus, window.held, elapsed_us))
    return found


def _counters(started: Sequence[StartedWorker]) -> dict[str, Any]:
    return {
        worker.worker.worker_id: worker.actor.__ray_call__.remote(calls.gil_counters)
        for worker in started
    }


def _started() -> list[StartedWorker]:
    view = _view()
    return [] if view is None else view.started


def _view() -> ClusterView | None:
    view = runner_actor.start_ray_workers()
    return view if isinstance(view, ClusterView) else None
