"""What a runner tells its driver of a profiled query."""

from __future__ import annotations

from dataclasses import dataclass

from protoplast import _core
from protoplast.worker.task_notes import WorkerNotes


@dataclass(frozen=True)
class SentTask:
    """A task that the runner has sent to a worker. Times are of the runner's clock, in nanoseconds.

    Args:
        worker_id: The id of the worker.
        number: The number of the task among those of its query.
        stage: The number of its stage.
        sent_ns: When the runner sent it.
        returned_ns: When the runner had its result.
        failed: Whether it failed, was cancelled, or lost its worker.
    """

    worker_id: str
    number: int
    stage: int
    sent_ns: int
    returned_ns: int
    failed: bool


@dataclass(frozen=True)
class Stage:
    """Tasks that do the same with other rows.

    Args:
        name: The operators, as Daft names the task.
        functions: Those of the query's Python functions that its plan holds.
        is_whole: Whether it is a whole query, which runs as one task.
    """

    name: str
    functions: tuple[str, ...]
    is_whole: bool


@dataclass(frozen=True)
class ProfiledWorker:
    """A worker of the fleet that ran a profiled query.

    Args:
        worker: The planned worker.
        up_ns: When it was up, by the runner's clock, or None if it never was.
        asked_ns: When it was asked for its notes, by the same clock.
        notes: What it says, or None if it does not.
        is_gone: Whether it was there and is not in service any more.
    """

    worker: _core.Worker
    up_ns: int | None
    asked_ns: int = 0
    notes: WorkerNotes | None = None
    is_gone: bool = False


@dataclass(frozen=True)
class RunnerNotes:
    """What a runner says of a profiled query.

    Args:
        boot_id: Which machine the runner is on, since that was started.
        now_ns: The runner's monotonic clock when the workers had answered, in nanoseconds.
        cpu_ns: The CPU time of the runner's process, in nanoseconds.
        tasks: The tasks, in the order in which they were sent.
        stages: Their stages, by number.
        dropped: How many tasks more were sent than are noted.
        workers: The workers of the fleet.
    """

    boot_id: str
    now_ns: int
    cpu_ns: int
    tasks: tuple[SentTask, ...]
    stages: tuple[Stage, ...]
    dropped: int
    workers: tuple[ProfiledWorker, ...]
