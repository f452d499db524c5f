"""The names of Daft by which tasks are recorded, in a runner and in its workers (0.5.22 to 0.7.26)."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from protoplast.seams import task_results
from protoplast.seams.check import OptionalFeature

_DAFT = "daft.daft"
_FLOTILLA = "daft.runners.flotilla"
_ACTOR = f"{_FLOTILLA}:RaySwordfishActor"

# Daft's handle of a worker, and that of a sent task, get these methods as attributes of the instance.
_SUBMIT = "submit_task"
_GET_RESULT = "get_result"

# What a worker calls with the context of a task before it reads the task's inputs (since 0.7.10).
_RESOLVE = "_resolve_inputs"

TASKS = OptionalFeature(
    "queries cannot be profiled",
    seams=(
        f"{_FLOTILLA}:RaySwordfishActorHandle.{_SUBMIT}",
        f"{_FLOTILLA}:RaySwordfishTaskHandle.{_GET_RESULT}",
        f"{_DAFT}:RaySwordfishTask.name",
        f"{_DAFT}:RaySwordfishTask.context",
        f"{_DAFT}:RaySwordfishTask.plan",
    ),
    takes=((f"{_FLOTILLA}:RaySwordfishActorHandle.{_SUBMIT}", ("self", "task")),),
)

NOTES = OptionalFeature(
    "the workers do not say when they begin and end a task, and what it takes",
    since="0.7.10",
    seams=(
        f"{_DAFT}:PyMicroPartition.size_bytes",
        f"{_DAFT}:FlightPartitionRef.num_rows",
        f"{_DAFT}:FlightPartitionRef.size_bytes",
    ),
    takes=(
        (
            f"{_DAFT}:NativeExecutor.run",
            ("local_physical_plan", "daft_ctx", "input_id", "inputs", "context", "maintain_order"),
        ),
        (f"{_ACTOR}.{_RESOLVE}", ("self", "context", "inputs")),
    ),
    mentions=((f"{_ACTOR}.run_plan", ("native_executor", "run", "try_finish", _RESOLVE)),),
)


def query_of(context: Mapping[str, str] | None) -> str:
    """Return the id of the query that a task belongs to, or an empty text if this Daft does not say.

    Args:
        context: The context of the task.
    """
    return (context or {}).get("query_id", "")


def number_of(context: Mapping[str, str] | None) -> int:
    """Return the number of a task among those of its query.

    Args:
        context: The context of the task.
    """
    return int((context or {}).get("task_id", 0))


def stage_of(task: Any, context: Mapping[str, str]) -> str:
    """Return what the tasks of one stage have in common.

    Tasks with the same fingerprint run the same plan on other rows (`scheduling/task.rs`, 0.7.24). On an
    older Daft it is the names of the task's operators.

    Args:
        task: Daft's task.
        context: The context of the task.
    """
    return context.get("plan_fingerprint") or str(task.name())


def watch_worker(handle: Any, submit: Callable[[Callable[[Any], Any], Any], Any]) -> None:
    """Have tasks that are sent by a handle pass through a function, until `leave_worker` is called.

    Args:
        handle: Daft's `RaySwordfishActorHandle`.
        submit: Is called with Daft's own method and a task, and returns what that method returns.
    """
    leave_worker(handle)
    own = getattr(handle, _SUBMIT)
    setattr(handle, _SUBMIT, lambda task: submit(own, task))


def leave_worker(handle: Any) -> None:
    """Undo `watch_worker`.

    Args:
        handle: Daft's `RaySwordfishActorHandle`.
    """
    vars(handle).pop(_SUBMIT, None)


def watch_result(sent: Any, ended: Callable[[bool], None]) -> None:
    """Have a function called when the result of a sent task is there.

    Args:
        sent: Daft's `RaySwordfishTaskHandle`.
        ended: Is called with whether the task failed, was cancelled or lost its worker.
    """
    own = getattr(sent, _GET_RESULT)

    async def get_result() -> Any:
        has_failed = True
        try:
            result = await own()
            has_failed = task_results.is_lost(result)
        finally:
            ended(has_failed)
        return result

    setattr(sent, _GET_RESULT, get_result)


def watch_inputs(actor: Any, begun: Callable[[Mapping[str, str] | None], None]) -> None:
    """Have a function called when a worker begins a task, until `leave_inputs` is called.

    Args:
        actor: The instance of `RaySwordfishActor`.
        begun: Is called with the context of the task.
    """
    leave_inputs(actor)
    own = getattr(actor, _RESOLVE)

    def resolve(context: Any, inputs: Any) -> Any:
        begun(context)
        return own(context, inputs)

    setattr(actor, _RESOLVE, resolve)


def leave_inputs(actor: Any) -> None:
    """Undo `watch_inputs`.

    Args:
        actor: The instance of `RaySwordfishActor`.
    """
    vars(actor).pop(_RESOLVE, None)


def size_of(partition: Any) -> tuple[int, int]:
    """Return the rows and the bytes of what a worker's executor gives out.

    Args:
        partition: A `PyMicroPartition`, or a `FlightPartitionRef` of rows that stay on the worker.
    """
    if isinstance(partition, importlib.import_module(_DAFT).FlightPartitionRef):
        return int(partition.num_rows), int(partition.size_bytes)
    return len(partition), int(partition.size_bytes() or 0)
