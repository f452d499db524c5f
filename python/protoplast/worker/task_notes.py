"""Notes when a worker begins and ends the tasks of profiled queries, and what they take.

A stand-in is put before the worker's executor while a query is profiled. The runner fetches the notes
once, when the query has ended.
"""

from __future__ import annotations

import collections
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from protoplast import _core
from protoplast.seams.profiling import tasks
from protoplast.worker import gil
from protoplast.worker.gil import GilCounters

# The most tasks of a query that a worker notes. A note takes some 200 bytes.
_MOST_TASKS = 100_000

# The file that holds the CPU time of a machine (Documentation/filesystems/proc.rst), and which of the
# figures of its first line count as work: user, nice, system, irq and softirq.
_STAT = "/proc/stat"
_BUSY = (1, 2, 3, 6, 7)

# Which machine this is, since it was started. The monotonic clocks of its processes are one.
_BOOT = "/proc/sys/kernel/random/boot_id"


# The part of a time in which a GIL was held, that in which it was waited for, and how often it was
# asked for.
GilUse: TypeAlias = tuple[float, float, int]


@dataclass(frozen=True)
class TaskNote:
    """A task that has ended in a worker.

    Args:
        number: The number of the task among those of its query.
        begun_ns: When the worker began it, by the worker's monotonic clock, in nanoseconds.
        ended_ns: When the worker ended it, by the same clock.
        cpu_ns: The CPU time of the process meanwhile, in nanoseconds, of which tasks that ran at the
            same time have equal parts.
        rows: The rows of its result.
        bytes: The bytes of its result.
        gil: How the process used its GIL meanwhile: the part of the time in which it was held, that in
            which it was waited for, and how often it was asked for. None if it was not watched.
    """

    number: int
    begun_ns: int
    ended_ns: int
    cpu_ns: int
    rows: int
    bytes: int
    gil: GilUse | None


@dataclass(frozen=True)
class WorkerNotes:
    """What a worker says about itself and its tasks while a query was profiled.

    Args:
        now_ns: The worker's monotonic clock now, in nanoseconds.
        boot_id: Which machine it is, since it was started. Processes of one have one clock.
        tasks: The tasks of the query that have ended.
        cpu_ns: The CPU time of the process, in nanoseconds.
        peak_bytes: The most resident memory of the process, in bytes.
        node_cpus: How many logical CPUs the machine has.
        node_cpu_ns: The CPU time of all processes of the machine, or None if it does not tell.
        gil: How the process used its GIL, or None if that was not watched.
    """

    now_ns: int
    boot_id: str
    tasks: tuple[TaskNote, ...]
    cpu_ns: int
    peak_bytes: int
    node_cpus: int
    node_cpu_ns: int | None
    gil: GilUse | None


@dataclass
class _Query:
    """A profiled query, with the figures of its beginning."""

    cpu_ns: int = field(default_factory=time.process_time_ns)
    node_cpu_ns: int | None = field(default_factory=lambda: node_cpu_ns())
    gil: GilCounters | None = field(default_factory=gil.counters)
    ended: list[TaskNote] = field(default_factory=list)


@dataclass(frozen=True)
class _Start:
    """When a task began, one task's share of the CPU time until then, and the GIL's counters."""

    begun_ns: int
    share_ns: float
    gil: GilCounters | None


class TaskNotes:
    """The profiled queries of this worker."""

    def __init__(self) -> None:
        # Tasks come here on the event loop of the actor, and calls on a thread of Ray's.
        self._lock = threading.Lock()
        self._queries: dict[str, _Query] = {}
        self._stand_in: _Executor | None = None
        # When the tasks that have not reached the executor began, by query and number.
        self._begun: collections.OrderedDict[tuple[str, int], int] = collections.OrderedDict()
        # How many tasks run, the CPU time of one's share so far, and of the process at that time.
        self._running = 0
        self._share_ns = 0.0
        self._seen_ns = 0

    def begin(self, actor: Any, query: str) -> None:
        """Note the tasks of a query from now on.

        Args:
            actor: The instance of `RaySwordfishActor`.
            query: The id of the query.
        """
        if not tasks.NOTES.is_available():
            return
        with self._lock:
            if not self._queries:
                _core.reset_peak_memory()
                gil.start()
                self._put_in(actor)
            self._queries.setdefault(query, _Query())

    def end(self, actor: Any, query: str) -> WorkerNotes | None:
        """Return the notes of a query, and note no more of it.

        Args:
            actor: The instance of `RaySwordfishActor`.
            query: The id of the query.

        Returns:
            The notes, or None if there are none of this query.
        """
        with self._lock:
            found = self._queries.pop(query, None)
            if not self._queries:
                self._take_out(actor)
        if found is None:
            return None
        node_ns = node_cpu_ns()
        has_node = node_ns is not None and found.node_cpu_ns is not None
        return WorkerNotes(
            now_ns=time.monotonic_ns(),
            boot_id=boot_id(),
            tasks=tuple(found.ended),
            cpu_ns=time.process_time_ns() - found.cpu_ns,
            peak_bytes=_core.memory_use()[1],
            node_cpus=os.cpu_count() or 1,
            node_cpu_ns=(node_ns or 0) - (found.node_cpu_ns or 0) if has_node else None,
            gil=gil_use(found.gil),
        )

    def is_noted(self, query: str) -> bool:
        """Return whether the tasks of a query are noted."""
        return query in self._queries

    def began(self, context: Mapping[str, str] | None) -> None:
        """Note that a task begins, before its inputs are read.

        Args:
            context: The context of the task.
        """
        query = tasks.query_of(context)
        if query in self._queries:
            with self._lock:
                self._begun[query, tasks.number_of(context)] = time.monotonic_ns()
                while len(self._begun) > _MOST_TASKS:
                    self._begun.popitem(last=False)

    def started(self, query: str, number: int) -> _Start:
        """Note that a task reaches the executor. Returns the figures of its beginning.

        Args:
            query: The id of the query.
            number: The number of the task.
        """
        with self._lock:
            begun = self._begun.pop((query, number), None)
            self._advance()
            self._running += 1
            return _Start(begun or time.monotonic_ns(), self._share_ns, gil.counters())

    def ended(self, query: str, number: int, since: _Start, rows: int, size: int) -> None:
        """Note that a task has ended.

        Args:
            query: The id of the query.
            number: The number of the task.
            since: What `started` has returned.
            rows: The rows of its result.
            size: The bytes of its result.
        """
        with self._lock:
            self._advance()
            self._running -= 1
            found = self._queries.get(query)
            if found is not None and len(found.ended) < _MOST_TASKS:
                cpu_ns = round(self._share_ns - since.share_ns)
                now, used = time.monotonic_ns(), gil_use(since.gil)
                note = TaskNote(number, since.begun_ns, now, cpu_ns, rows, size, used)
                found.ended.append(note)

    def _advance(self) -> None:
        now = time.process_time_ns()
        if self._running:
            self._share_ns += (now - self._seen_ns) / self._running
        self._seen_ns = now

    def _put_in(self, actor: Any) -> None:
        if self._stand_in is None:
            self._stand_in = _Executor(self, actor.native_executor)
            actor.native_executor = self._stand_in
        tasks.watch_inputs(actor, self.began)

    def _take_out(self, actor: Any) -> None:
        tasks.leave_inputs(actor)
        self._begun.clear()
        if self._stand_in is not None and actor.native_executor is self._stand_in:
            # Otherwise another stand-in is before it, and it lets all plans pass.
            actor.native_executor = self._stand_in.executor
            self._stand_in = None


class _Executor:
    """Stands before the executor of a worker, or before what stands there already."""

    def __init__(self, notes: TaskNotes, executor: Any) -> None:
        self._notes = notes
        self.executor = executor

    def __getattr__(self, name: str) -> Any:
        return getattr(self.executor, name)

    def run(self, plan: Any, context: Any, number: int, inputs: Any, of: Any, order: bool) -> Any:
        running = self.executor.run(plan, context, number, inputs, of, order)
        query = tasks.query_of(of)
        if not self._notes.is_noted(query):
            return running
        return _noted(self._notes, query, number, running)


async def _noted(notes: TaskNotes, query: str, number: int, running: Any) -> _Results:
    results = _Results(notes, query, number)
    try:
        results.stream = await running
    except BaseException:
        results.end()
        raise
    return results


class _Results:
    """The results of a task, in the form in which Daft's worker reads them."""

    def __init__(self, notes: TaskNotes, query: str, number: int) -> None:
        self.stream: Any = None
        self._iterator: Any = None
        self._notes = notes
        self._query = query
        self._number = number
        self._rows = 0
        self._bytes = 0
        self._has_ended = False
        self._since = notes.started(query, number)

    def __del__(self) -> None:
        self.end()  # The task was cancelled.

    def end(self) -> None:
        """Note that the task has ended."""
        if not self._has_ended:
            self._has_ended = True
            self._notes.ended(self._query, self._number, self._since, self._rows, self._bytes)

    def __aiter__(self) -> _Results:
        return self

    async def __anext__(self) -> Any:
        if self._iterator is None:
            self._iterator = self.stream.__aiter__()
        try:
            partition = await self._iterator.__anext__()
        except StopAsyncIteration:
            raise
        except BaseException:  # Such as the error of a function, and the end of the query.
            self.end()
            raise
        if partition is not None:  # None ends the results of Daft's executor.
            rows, size = tasks.size_of(partition)
            self._rows += rows
            self._bytes += size
        return partition

    async def try_finish(self) -> Any:
        """End the plan and return its statistics. Raises the error of the plan if it has failed."""
        try:
            return await self.stream.try_finish()
        finally:
            self.end()


def gil_use(since: GilCounters | None) -> GilUse | None:
    """Return how this process has used its GIL, or None if that was not watched.

    Args:
        since: The counters at the beginning of the time.
    """
    now = gil.counters()
    window = None if now is None else now.window(since)
    return None if window is None else (window.held, window.waited, window.samples)


def node_cpu_ns() -> int | None:
    """Return the CPU time of all processes of this machine, in nanoseconds, or None if it is hidden."""
    try:
        with open(_STAT) as stat:
            figures = stat.readline().split()
        ticks = sum(int(figures[index]) for index in _BUSY)
    except (OSError, ValueError, IndexError):
        return None
    return ticks * 1_000_000_000 // os.sysconf("SC_CLK_TCK")


def boot_id() -> str:
    """Return which machine this is since it was started, or an empty text if it does not tell."""
    try:
        with open(_BOOT) as file:
            return file.read().strip()
    except OSError:
        return ""


def begin_notes(actor: Any, query: str) -> None:
    """Note the tasks of a query from now on; see `TaskNotes.begin`. The runner calls it."""
    NOTES.begin(actor, query)


def end_notes(actor: Any, query: str) -> WorkerNotes | None:
    """Return the notes of a query, and note no more of it; see `TaskNotes.end`. The runner calls it."""
    return NOTES.end(actor, query)


NOTES = TaskNotes()
