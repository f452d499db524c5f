"""Puts together what the driver, the runner and the workers have recorded of a query.

The result is a `ProfileRecord` (`crates/planner/src/profile/record.rs`) in JSON. Its times are
microseconds since the query began, by the clock of the runner's node.
"""

from __future__ import annotations

import collections
import json
from dataclasses import dataclass
from typing import Any

from protoplast.driver.profiling import operators
from protoplast.driver.profiling.clocks import offset_ns
from protoplast.driver.recent import Explanation
from protoplast.runner.profiling.messages import ProfiledWorker, RunnerNotes, SentTask
from protoplast.worker.task_notes import GilUse, TaskNote


@dataclass(frozen=True)
class QueryTimes:
    """When the driver has seen what, by its own monotonic clock.

    Args:
        began_at: When the query began, in seconds since 1970.
        began_ns: When it began, in nanoseconds.
        planned_ns: When it was planned and its workers were chosen.
        delivered_ns: When the driver had the last rows, or None if it never had.
        ended_ns: When it ended, in whatever way.
        clock: The runner's clock less that of the driver, at least and at most, or None if the runner
            has not said.
        boot_id: Which machine the driver is on, since that was started.
    """

    began_at: float
    began_ns: int
    planned_ns: int | None
    delivered_ns: int | None
    ended_ns: int
    clock: tuple[int, int] | None
    boot_id: str


def record_of(
    title: str,
    times: QueryTimes,
    explanation: Explanation,
    unsplit: str | None,
    names: list[str],
    notes: RunnerNotes | None,
) -> str:
    """Return the record of a query in JSON.

    Args:
        title: What the query is called.
        times: What the driver has seen.
        explanation: Which workers the query ran on, and why.
        unsplit: Why its scans have no more tasks, or None if nothing speaks against that.
        names: Its operators, in the order of the rows.
        notes: What the runner and its workers have recorded, or None if they were not asked.
    """
    record: dict[str, Any] = {
        "title": title,
        "layout": str(explanation.layout),
        "reason": explanation.reason,
        "unsplit": unsplit,
        "can_repartition": not operators.has_limit(names) and not operators.has_shuffle(names),
        "began_at": times.began_at,
        "wall_us": (times.ended_ns - times.began_ns) // 1000,
        "planned_us": _since(times.planned_ns, times.began_ns),
        "delivered_us": _since(times.delivered_ns, times.began_ns),
        "workers": [],
        "tasks": [],
        "nodes": [],
    }
    if notes is not None:
        record.update(_Tasks(times, notes, names).fields())
    return json.dumps(record)


class _Tasks:
    """The tasks and workers of a query."""

    def __init__(
        self,
        times: QueryTimes,
        notes: RunnerNotes,
        names: list[str],
    ) -> None:
        self._notes = notes
        self._names = names
        bounds = [] if times.clock is None else [times.clock]
        same_machine = bool(notes.boot_id) and notes.boot_id == times.boot_id
        self._began_ns = times.began_ns + offset_ns(bounds, same_machine=same_machine)
        self._wall_us = (times.ended_ns - times.began_ns) // 1000
        self._places = {one.worker.worker_id: at for at, one in enumerate(notes.workers)}
        # What the worker says of each sent task. Tasks of one number ran one after the other.
        self._said: dict[int, TaskNote] = {}
        for worker in notes.workers:
            self._match(worker)
        self._offsets = {one.worker.worker_id: self._offset(one) for one in notes.workers}

    def fields(self) -> dict[str, Any]:
        """Return the fields of the record that tell of the tasks."""
        return {
            "runner_cpu_us": self._notes.cpu_ns // 1000,
            "dropped_tasks": self._notes.dropped,
            "workers": [self._worker(worker) for worker in self._notes.workers],
            "tasks": [
                self._task(at, task)
                for at, task in enumerate(self._notes.tasks)
                if task.worker_id in self._places
            ],
            "nodes": self._nodes(),
        }

    def _match(self, worker: ProfiledWorker) -> None:
        if worker.notes is None:
            return
        said: dict[int, collections.deque[TaskNote]] = collections.defaultdict(collections.deque)
        for note in worker.notes.tasks:
            said[note.number].append(note)
        for at, task in enumerate(self._notes.tasks):
            if task.worker_id == worker.worker.worker_id and said[task.number]:
                self._said[at] = said[task.number].popleft()

    def _offset(self, worker: ProfiledWorker) -> int:
        if worker.notes is None:
            return 0
        said_ns = worker.notes.now_ns
        bounds = [(worker.asked_ns - said_ns, self._notes.now_ns - said_ns)]
        bounds += [
            (task.sent_ns - said.begun_ns, task.returned_ns - said.ended_ns)
            for at, task in enumerate(self._notes.tasks)
            if task.worker_id == worker.worker.worker_id
            and (said := self._said.get(at)) is not None
            and not task.failed
        ]
        same_machine = bool(worker.notes.boot_id) and worker.notes.boot_id == self._notes.boot_id
        return offset_ns(bounds, same_machine=same_machine)

    def _task(self, at: int, task: SentTask) -> dict[str, Any]:
        sent = self._us(task.sent_ns)
        returned = max(sent, self._us(task.returned_ns))
        planned = self._notes.workers[self._places[task.worker_id]].worker
        stage = self._notes.stages[task.stage]
        fields: dict[str, Any] = {
            "worker": self._places[task.worker_id],
            "name": "->".join(self._names) if stage.is_whole and self._names else stage.name,
            "stage": task.stage,
            "slots": planned.cpus if stage.is_whole else None,
            "sent_us": sent,
            "returned_us": returned,
            "functions": list(stage.functions),
            "failed": task.failed,
        }
        if (said := self._said.get(at)) is not None:
            offset = self._offsets[task.worker_id]
            begun = min(max(sent, self._us(said.begun_ns + offset)), returned)
            fields["begun_us"] = begun
            fields["ended_us"] = min(max(begun, self._us(said.ended_ns + offset)), returned)
            fields["rows"], fields["bytes"] = said.rows, said.bytes
            fields["cpu_us"] = said.cpu_ns // 1000
            fields["gil"] = _gil(said.gil)
        return fields

    def _worker(self, worker: ProfiledWorker) -> dict[str, Any]:
        notes = worker.notes
        up = None if worker.up_ns is None else self._us(worker.up_ns)
        gone = None
        if worker.is_gone:  # Its last task was seen to end, or to be lost.
            of = worker.worker.worker_id
            last = [task.returned_ns for task in self._notes.tasks if task.worker_id == of]
            gone = self._us(max(last)) if last else up
        return {
            "id": worker.worker.worker_id,
            "node": worker.worker.node_id,
            "slots": worker.worker.cpus,
            "up_us": up,
            "gone_us": gone,
            "cpu_us": None if notes is None else notes.cpu_ns // 1000,
            "peak_bytes": None if notes is None else notes.peak_bytes,
            "gil": None if notes is None else _gil(notes.gil),
        }

    def _nodes(self) -> list[dict[str, Any]]:
        nodes: dict[str, dict[str, Any]] = {}
        for worker in self._notes.workers:
            name = worker.worker.node_id
            node = nodes.setdefault(name, {"name": name, "cpus": 0, "cpu_us": None})
            if worker.notes is None:
                if node["cpu_us"] is None:
                    node["cpus"] += worker.worker.cpus
            elif node["cpu_us"] is None and worker.notes.node_cpu_ns is not None:
                node["cpus"] = worker.notes.node_cpus
                node["cpu_us"] = worker.notes.node_cpu_ns // 1000
        return list(nodes.values())

    def _us(self, runner_ns: int) -> int:
        """Return a time of the runner's clock in microseconds since the query began, in its bounds."""
        return min(max(0, (runner_ns - self._began_ns) // 1000), self._wall_us)


def _since(at_ns: int | None, began_ns: int) -> int | None:
    return None if at_ns is None else (at_ns - began_ns) // 1000


def _gil(use: GilUse | None) -> dict[str, Any] | None:
    return None if use is None else dict(zip(("held", "waited", "samples"), use, strict=True))
