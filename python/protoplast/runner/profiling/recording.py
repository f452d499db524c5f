"""Records the tasks of profiled queries: when each was sent, to which worker, and when it came back.

While no query is profiled, nothing stands in the way of a task: Daft's handle of a worker gets another
`submit_task` when the first profiled query begins, and has its own again when the last one ends.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from protoplast import _core
from protoplast.runner.messages import StartedWorker
from protoplast.runner.profiling.messages import ProfiledWorker, RunnerNotes, SentTask, Stage
from protoplast.seams import ray as ray_seams
from protoplast.seams.profiling import tasks
from protoplast.worker.task_notes import WorkerNotes, begin_notes, boot_id, end_notes
from protoplast.worker.whole_plans import WholePlan

logger = logging.getLogger(__name__)

# The most tasks of a query that are noted. A note takes some 300 bytes.
_MOST_TASKS = 200_000

# How long workers may take to hand over their notes, in seconds. Code that holds the GIL may keep one
# from answering, and other calls of the driver wait behind this one.
_ANSWER_TIMEOUT_S = 3.0


@dataclass
class _Sent:
    """A task that was sent, and came back if `returned_ns` is set."""

    worker_id: str
    number: int
    stage: int
    sent_ns: int
    returned_ns: int | None = None
    failed: bool = True


@dataclass
class _Query:
    """A profiled query that runs."""

    cpu_ns: int = field(default_factory=time.process_time_ns)
    sent: list[_Sent] = field(default_factory=list)
    dropped: int = 0
    # The number of each stage, and by number its name and one of its plans.
    numbers: dict[str, int] = field(default_factory=dict)
    stages: list[tuple[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class _Worker:
    """A worker of this runner, with Daft's handle of it."""

    planned: _core.Worker
    actor: Any
    handle: Any
    up_ns: int


class Recording:
    """The profiled queries of this runner, and its workers."""

    def __init__(self) -> None:
        # Threads of Daft's, the event loop of the runner and Ray's calls come here.
        self._lock = threading.RLock()
        self._queries: dict[str, _Query] = {}
        self._workers: dict[str, _Worker] = {}

    def add_worker(self, planned: _core.Worker, actor: Any, handle: Any) -> None:
        """Remember a worker that is up.

        Args:
            planned: The planned worker.
            actor: The handle of its actor.
            handle: Daft's own handle of the worker.
        """
        worker = _Worker(planned, actor, handle, time.monotonic_ns())
        with self._lock:
            self._workers[planned.worker_id] = worker
            queries = list(self._queries)
            if queries:
                self._watch(planned.worker_id, handle)
        for query in queries:
            actor.__ray_call__.remote(begin_notes, query)

    def begin(self, query: str) -> int:
        """Record the tasks of a query from now on.

        Args:
            query: The id of the query, as the contexts of its tasks have it.

        Returns:
            The runner's monotonic clock, in nanoseconds.
        """
        with self._lock:
            if not self._queries:
                for worker_id, worker in self._workers.items():
                    self._watch(worker_id, worker.handle)
            self._queries[query] = _Query()
            workers = list(self._workers.values())
        for worker in workers:  # Calls of one caller reach a worker in their order.
            with contextlib.suppress(Exception):
                worker.actor.__ray_call__.remote(begin_notes, query)
        return time.monotonic_ns()

    def end(
        self,
        query: str,
        functions: Sequence[str],
        started: Sequence[StartedWorker],
        planned: Sequence[_core.Worker],
    ) -> RunnerNotes | None:
        """Return what was recorded of a query, and record no more of it. Waits for the workers.

        Args:
            query: The id of the query.
            functions: The names of its Python functions.
            started: The workers in service.
            planned: All workers of the layout.

        Returns:
            The notes, or None if the query is not recorded.
        """
        cpu_ns = time.process_time_ns()
        now_ns = time.monotonic_ns()
        with self._lock:
            found = self._queries.pop(query, None)
            if not self._queries:
                for worker in self._workers.values():
                    tasks.leave_worker(worker.handle)
            workers = dict(self._workers)
        if found is None:
            return None
        in_service = {one.worker.worker_id for one in started}
        took_part = in_service | {sent.worker_id for sent in found.sent}
        asked = [worker for worker_id, worker in workers.items() if worker_id in took_part]
        notes = _notes_of(asked, query)
        never_up = [ProfiledWorker(one, None) for one in planned if one.worker_id not in in_service]
        return RunnerNotes(
            boot_id=boot_id(),
            now_ns=time.monotonic_ns(),
            cpu_ns=cpu_ns - found.cpu_ns,
            tasks=tuple(
                SentTask(
                    sent.worker_id,
                    sent.number,
                    sent.stage,
                    sent.sent_ns,
                    now_ns if sent.returned_ns is None else sent.returned_ns,
                    sent.failed,
                )
                for sent in found.sent
            ),
            stages=tuple(
                Stage(name, _functions_in(plan, functions), isinstance(plan, WholePlan))
                for name, plan in found.stages
            ),
            dropped=found.dropped,
            workers=(
                *(
                    ProfiledWorker(
                        worker.planned,
                        worker.up_ns,
                        now_ns,
                        notes.get(id(worker)),
                        worker.planned.worker_id not in in_service,
                    )
                    for worker in asked
                ),
                *(one for one in never_up if one.worker.worker_id not in took_part),
            ),
        )

    def watched(self, worker_id: str, handle: Any) -> Any:
        """Return a handle of a worker, through which tasks of profiled queries are recorded.

        Args:
            worker_id: The id of the worker.
            handle: A `RaySwordfishActorHandle` of its own for one task.
        """
        if self._queries:
            self._watch(worker_id, handle)
        return handle

    def _watch(self, worker_id: str, handle: Any) -> None:
        if tasks.TASKS.is_available():
            tasks.watch_worker(handle, functools.partial(self._submit, worker_id))

    def _submit(self, worker_id: str, own: Callable[[Any], Any], task: Any) -> Any:
        begun_ns = time.monotonic_ns()
        sent = own(task)
        try:
            self._note(worker_id, task, sent, begun_ns)
        except Exception as error:  # The task is on its way.
            logger.debug("a task is not recorded: %s", error)
        return sent

    def _note(self, worker_id: str, task: Any, sent: Any, sent_ns: int) -> None:
        context: Mapping[str, str] = task.context()
        of = tasks.query_of(context)
        with self._lock:
            query = self._queries.get(of) or self._queries.get("")
            if query is None:
                return
            if len(query.sent) >= _MOST_TASKS:
                query.dropped += 1
                return
            key = tasks.stage_of(task, context)
            stage = query.numbers.get(key)
            if stage is None:
                stage = query.numbers[key] = len(query.stages)
                query.stages.append((str(task.name()), task.plan()))
            note = _Sent(worker_id, tasks.number_of(context), stage, sent_ns)
            query.sent.append(note)

        def ended(has_failed: bool) -> None:
            note.returned_ns, note.failed = time.monotonic_ns(), has_failed

        tasks.watch_result(sent, ended)


def _notes_of(workers: Sequence[_Worker], query: str) -> dict[int, WorkerNotes]:
    """Return what the workers say that answer in time, by the identity of the worker."""
    import ray

    asked: dict[Any, _Worker] = {}
    for worker in workers:
        with contextlib.suppress(Exception):
            asked[worker.actor.__ray_call__.remote(end_notes, query)] = worker
    if not asked:
        return {}
    ready, _ = ray.wait(list(asked), num_returns=len(asked), timeout=_ANSWER_TIMEOUT_S)
    notes = {}
    for reference in ready:
        try:
            found = ray.get(reference)
        except ray.exceptions.RayError as error:  # It has died, or has no protoplast.
            logger.debug("worker %s has no notes: %s", asked[reference].planned.worker_id, error)
            continue
        if found is not None:
            notes[id(asked[reference])] = found
    return notes


def _functions_in(plan: Any, functions: Sequence[str]) -> tuple[str, ...]:
    """Return those functions whose names a plan holds, as it is sent to a worker."""
    if not functions:
        return ()
    try:
        sent = ray_seams.pickled(plan)
    except Exception as error:
        logger.debug("a plan cannot be searched for functions: %s", error)
        return ()
    return tuple(name for name in functions if name.encode() in sent)


RECORDING = Recording()
