"""How workers use their GIL while a query runs, of which `auto` learns. The driver sends these calls."""

from __future__ import annotations

import collections
import logging
from typing import Any

from protoplast.runner.profiling.recording import RECORDING
from protoplast.worker import calls

logger = logging.getLogger(__name__)

# How long workers may take to answer, in seconds. Code that holds the GIL may keep one from it.
_ANSWER_TIMEOUT_S = 10.0
# The most queries that have begun and not ended. Those that fail never do.
_MOST_QUERIES = 100

# By query and worker what was counted when the query began, as it will come from the worker.
_BEGUN: collections.OrderedDict[str, dict[str, Any]] = collections.OrderedDict()


def begin_gil_use(_actor: Any, query: str) -> None:
    """Ask all workers what they have counted so far. Does not wait.

    Daft's own workers, which protoplast does not set up, watch their GIL from then on.

    Args:
        _actor: The instance of `RemoteFlotillaRunner`.
        query: A name for the query.
    """
    for _, actor in RECORDING.workers():
        actor.__ray_call__.remote(calls.watch_gil)
    _BEGUN[query] = _asked()
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

    begun, now = _BEGUN.pop(query, None), _asked()
    if begun is None or not begun.keys() <= now.keys():
        return None
    slots = {planned.worker_id: planned.cpus for planned, _ in RECORDING.workers()}
    try:
        before = dict(
            zip(begun, ray.get(list(begun.values()), timeout=_ANSWER_TIMEOUT_S), strict=True)
        )
        after = dict(zip(now, ray.get(list(now.values()), timeout=_ANSWER_TIMEOUT_S), strict=True))
    except ray.exceptions.RayError as error:
        logger.debug("how the GIL was used is not known: %s", error)
        return None
    found = []
    for worker, until in after.items():
        since = before.get(worker)  # None if it has come up since.
        window = until and until.window(since)
        if window is None:
            return None
        elapsed_us = until.elapsed_us - (since.elapsed_us if since else 0)
        found.append((slots[worker], window.held, elapsed_us))
    return found


def _asked() -> dict[str, Any]:
    return {
        planned.worker_id: actor.__ray_call__.remote(calls.gil_counters)
        for planned, actor in RECORDING.workers()
    }
