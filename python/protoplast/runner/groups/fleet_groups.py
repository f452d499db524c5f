"""The groups of workers of a fleet, each of which Daft's scheduler takes for one worker.

Daft's scheduler looks at all workers for each task. A fleet of thousands of workers of one CPU shows it
groups of them, and a group deals its tasks among its workers, each of which stays a process of its own.
Rust decides which workers form a group, and which of them gets a task.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from protoplast import _core
from protoplast.runner.groups.group import Member, WorkerGroup
from protoplast.seams import task_results


class WorkerGroups:
    """The groups of a fleet.

    Args:
        worker_class: Daft's `RaySwordfishWorker`.
    """

    def __init__(self, worker_class: Any) -> None:
        self._worker_class = worker_class
        self._groups: dict[str, WorkerGroup] = {}
        # The latest group of each worker that is or was in one.
        self._group_of: dict[str, WorkerGroup] = {}

    def grouped(
        self, members: Sequence[Member], handles: Sequence[Any], fleet_workers: int
    ) -> list[Any]:
        """Return what Daft registers for workers that are up.

        Args:
            members: The workers.
            handles: What Daft would register for these, in the same order.
            fleet_workers: How many workers the whole fleet has.

        Returns:
            A handle for each worker that is in no group, and for each new group. A worker that takes the
            place of one that has died joins the group of that one.
        """
        if not task_results.GROUPS.is_available():
            return list(handles)
        planned = [member.planned for member in members]
        by_id = {of.worker_id: member for of, member in zip(planned, members, strict=True)}
        alone = dict(zip(by_id, handles, strict=True))
        for worker_id, member in by_id.items():
            before = self._group_of.get(worker_id)
            if before is not None and before.take_back(member):
                del alone[worker_id]
        new = []
        for ids in _core.in_groups(planned, fleet_workers):
            there = [by_id[worker_id] for worker_id in ids if worker_id in alone]
            if len(there) < 2:
                continue
            for member in there:
                del alone[member.planned.worker_id]
            new.append(self._registered(WorkerGroup(there), there))
        return [*alone.values(), *new]

    def worker_ids(self, existing: Sequence[str]) -> list[str]:
        """Return the workers behind what Daft has registered.

        Args:
            existing: The ids that Daft has.
        """
        registered = set(existing)
        for of, group in list(self._groups.items()):
            if of in registered:
                group.was_registered = True
            elif group.was_registered or not group.is_alive():
                del self._groups[of]
                self._group_of = {it: its for it, its in self._group_of.items() if its is not group}
        ids: list[str] = []
        for of in existing:
            ids += self._groups[of].worker_ids() if of in self._groups else [of]
        return ids

    def id_of(self, worker_id: str) -> str:
        """Return the id under which Daft knows a worker: that of its group, if it is in one."""
        group = self._group_of.get(worker_id)
        return worker_id if group is None else group.group_id

    def _registered(self, group: WorkerGroup, members: Sequence[Member]) -> Any:
        self._groups[group.group_id] = group
        planned = [member.planned for member in members]
        self._group_of.update((worker.worker_id, group) for worker in planned)
        cpus = sum(worker.cpus for worker in planned)
        memory_bytes = sum(worker.memory_bytes for worker in planned)
        # Addresses of shuffled rows come with the rows (`FlightPartitionRef`), so Daft needs no other.
        return self._worker_class(group.group_id, group, cpus, 0, memory_bytes, *members[0].rest)
