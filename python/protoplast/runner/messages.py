"""What a runner tells its driver and the command about itself and its workers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from protoplast import _core


@dataclass(frozen=True)
class StartedWorker:
    """A worker that Daft has taken into service.

    Args:
        worker: The planned worker, which `verify` found equal to what Daft created.
        actor: The handle of its actor.
    """

    worker: _core.Worker
    actor: Any


@dataclass(frozen=True)
class ViewReport:
    """What a runner says of its view before each query. Its size does not depend on that of the fleet.

    Args:
        version: The version of protoplast in the runner's process.
        layout: The layout of the view that is installed there.
        abandoned: How many abandoned queries, whose results nobody will read, still run.
    """

    version: str
    layout: _core.Layout
    abandoned: int


@dataclass(frozen=True)
class RunnerReport:
    """What a runner says about its workers.

    Args:
        version: The version of protoplast in the runner's process.
        layout: The layout of the view that is installed there.
        workers: The workers that Daft has taken into service under that view.
        failed: The planned workers that could not be started when they were last tried.
    """

    version: str
    layout: _core.Layout
    workers: tuple[StartedWorker, ...]
    failed: tuple[_core.Worker, ...]


@dataclass(frozen=True)
class StartupProgress:
    """How many of the workers that a fleet began with are up.

    Args:
        up: How many workers are up.
        planned: How many workers the fleet began with, or 0 if none were planned yet.
        is_starting: Whether workers are still starting.
    """

    up: int
    planned: int
    is_starting: bool


@dataclass(frozen=True)
class Footprint:
    """What the instance of a class UDF costs.

    Args:
        bytes: The memory that the process of a worker grows by, in bytes.
        peak_bytes: The memory that it grows by at most while it builds the instance, in bytes.
        seconds: How long building takes, in seconds, or None if that is not known.
        task_seconds: How long a task takes that finds the instance, in seconds, or None.
    """

    bytes: int
    peak_bytes: int
    seconds: float | None
    task_seconds: float | None


@dataclass(frozen=True)
class ExpectedInstance:
    """An object whose instances workers will share, and that is costly to build.

    Args:
        key: The key of its tag.
        name: The name of the user's class.
        known: What an instance costs, if the user or an earlier query has told.
        tasks: How many tasks of the query need it, or None if that is not known.
    """

    key: str
    name: str
    known: Footprint | None
    tasks: int | None = None


@dataclass(frozen=True)
class InstanceReport:
    """What a query has shown of the instances of an object.

    Args:
        key: The key of its tag.
        footprint: What an instance costs.
        workers: On the node that has the most instances: how many workers have one.
        of: How many workers that node has.
        is_limited: Whether a node had no room for more instances.
        line: All of this in one sentence.
    """

    key: str
    footprint: Footprint
    workers: int
    of: int
    is_limited: bool
    line: str

    @classmethod
    def of_copies(cls, expected: ExpectedInstance, copies: _core.InstanceCopies) -> InstanceReport:
        """Return the report on an object.

        Args:
            expected: The object.
            copies: What Rust has counted.
        """
        footprint = Footprint(copies.bytes, copies.peak_bytes, copies.seconds, copies.task_seconds)
        return cls(
            expected.key, footprint, copies.workers, copies.of, copies.is_limited, copies.line
        )


@dataclass(frozen=True)
class WholeQueryReport:
    """How a query that one worker was to run has ended.

    Args:
        failure: Why it ran in tasks, or None if it ran on one worker.
        is_lasting: Whether the same query would fail on one worker again.
        query_plan: The plan that the worker has run, in JSON, or None if that is not known.
    """

    failure: str | None
    is_lasting: bool
    query_plan: str | None


@dataclass(frozen=True)
class WholeQuery:
    """A query that one worker is to run as one task.

    Args:
        plan: Its `LocalPhysicalPlan`.
        scans: What each source of the plan scans, by the id of the source.
        tables: The keys of the in-memory tables that the other sources read, by the id of the source.
        config: The `PyDaftExecutionConfig` of the query.
        query_id: The id of the query, as Daft's subscribers know it.
        partitions: How many partitions the results are to have, if they have as many rows.
        memory_bytes: The memory that the worker must have, in bytes.
        startup_timeout: How long Daft waits for its workers, in seconds, or None if this Daft takes no
            such timeout.
        writes: Whether the query writes, so that it is not ended half-way.
        may_answer_at_once: Whether the driver takes the results of a short query from the call that
            begins it.
    """

    plan: Any
    scans: dict[int, Any]
    tables: dict[int, str]
    config: Any
    query_id: str
    partitions: int
    memory_bytes: int
    startup_timeout: int | None
    writes: bool
    may_answer_at_once: bool


@dataclass(frozen=True)
class WholeAnswer:
    """The whole answer of a query that has run on one worker.

    Args:
        partitions: The partitions of the result: the reference, the rows and the bytes of each.
        stats: The `PyExecutionStats` of the query.
    """

    partitions: list[tuple[Any, int, int | None]]
    stats: Any
