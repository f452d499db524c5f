"""The results of Daft's tasks in a runner, as `RaySwordfishTaskHandle` gets them (0.5.22 to 0.7.26)."""

from __future__ import annotations

import importlib
import types
from typing import Any

from protoplast.seams.check import OptionalFeature
from protoplast.seams.rebind import Overlay, rebound

_FLOTILLA = "daft.runners.flotilla"
_RESULT = "RayTaskResult"
_DIED = "WorkerDied"
_UNAVAILABLE = "WorkerUnavailable"

ROUTING = OptionalFeature(
    "each task of a class UDF runs on the worker that Daft chooses, whatever instances it has",
    seams=(
        f"{_FLOTILLA}:RaySwordfishActorHandle.submit_task",
        f"{_FLOTILLA}:RaySwordfishTaskHandle._get_result",
        f"{_FLOTILLA}:RaySwordfishTaskHandle.get_result",
        f"{_FLOTILLA}:{_RESULT}.worker_died",
    ),
    takes=((f"{_FLOTILLA}:RaySwordfishActorHandle.submit_task", ("self", "task")),),
)

GROUPS = OptionalFeature(
    "Daft's scheduler looks at each worker of a large fleet, which makes each task cost more",
    # These releases tell results apart by their class, and shuffled rows come with their address.
    since="0.7.10",
    seams=(
        f"{_FLOTILLA}:RaySwordfishTaskHandle.get_result",
        f"{_FLOTILLA}:{_RESULT}.worker_died",
        f"{_FLOTILLA}:{_RESULT}.success_flight",
        f"{_FLOTILLA}:{_RESULT}.{_DIED}",
    ),
)

# What `result` returns if the worker has died.
WORKER_DIED: Any = object()


def worker_died() -> Any:
    """Return the result by which Daft learns that the worker has died."""
    return getattr(importlib.import_module(_FLOTILLA), _RESULT).worker_died()


def is_worker_died(result: Any) -> bool:
    """Return whether the result of a task says that its worker has died. `GROUPS` has to be available.

    Args:
        result: What Daft's handle of the task has returned.
    """
    return isinstance(result, getattr(getattr(importlib.import_module(_FLOTILLA), _RESULT), _DIED))


def is_lost(result: Any) -> bool:
    """Return whether the result of a task says that its worker has died or cannot be reached.

    Args:
        result: What Daft's handle of the task has returned. Before 0.7.10 it does not say.
    """
    if result is WORKER_DIED:
        return True
    of = getattr(importlib.import_module(_FLOTILLA), _RESULT, None)
    lost = tuple(
        kind for name in (_DIED, _UNAVAILABLE) if isinstance(kind := getattr(of, name, None), type)
    )
    return isinstance(result, lost)


async def result(handle: Any) -> Any:
    """Return the result of a task, or `WORKER_DIED`, which Daft's own result cannot be asked for.

    Args:
        handle: Daft's handle of the task.
    """
    return await _result(handle, worker_died=lambda: WORKER_DIED)


async def whole_result(handle: Any) -> Any:
    """Return the result of a task that Daft has not sent.

    Args:
        handle: Daft's handle of the task.

    Returns:
        The references of the task's results and its encoded statistics, or `WORKER_DIED`, also if Ray
        cannot reach the worker.
    """
    return await _result(
        handle,
        success_ray=lambda references, stats: (references, stats),
        worker_died=lambda: WORKER_DIED,
        worker_unavailable=lambda: WORKER_DIED,
    )


async def _result(handle: Any, **constructors: Any) -> Any:
    original = type(handle)._get_result
    results = Overlay(original.__globals__[_RESULT], **constructors)
    # Daft's `get_result` runs this method as a task of the event loop.
    handle._get_result = types.MethodType(rebound(original, {_RESULT: results}), handle)
    return await handle.get_result()


def moves_rows_by_flight(task: Any) -> bool:
    """Return whether a task's rows are fetched from the worker that Daft has chosen for it.

    Args:
        task: Daft's task.
    """
    config = task.config()
    return bool(getattr(config, "shuffle_algorithm", None) == "flight_shuffle")


def position(task: Any) -> int:
    """Return the position of a task among the tasks of its query.

    Args:
        task: Daft's task.
    """
    return int(task.context().get("task_id", 0))
