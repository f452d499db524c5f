"""A group of workers, which stands in for Daft's handle of one, and the tasks that it deals to them."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from protoplast import _core
from protoplast.seams import task_results

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Member:
    """A worker that can be in a group.

    Args:
        planned: The planned worker.
        handle: The handle by which Daft sends tasks to it.
        rest: What else Daft registers it with, after its memory.
    """

    planned: _core.Worker
    handle: Any
    rest: tuple[Any, ...]


class WorkerGroup:
    """Stands in for Daft's handle of one worker, and has several.

    If one of them dies, the others run its tasks, and Daft is not told: it would take all for dead.

    Args:
        members: The workers, all of one node and with as many CPUs.

    Attributes:
        group_id: The id by which Daft knows the group.
        was_registered: Whether Daft has had it.
    """

    def __init__(self, members: Sequence[Member]) -> None:
        # Threads of Daft's, the event loop of the runner and threads that start workers come here.
        self._lock = threading.Lock()
        self._dealing = _core.Dealing()
        self._handles: dict[int, Any] = {}
        self._planned: dict[int, _core.Worker] = {}
        self._is_shut_down = False
        self.was_registered = False
        self.group_id = f"{members[0].planned.worker_id}+{len(members) - 1}"
        for member in members:
            self._join(member)

    def submit_task(self, task: Any) -> DealtTask:
        """Send a task to the worker that has the fewest, as Daft's handle does."""
        return DealtTask(task, self)

    def shutdown(self) -> None:
        """Shut the workers down, as Daft's handle does."""
        with self._lock:
            self._is_shut_down = True
            handles = list(self._handles.values())
        for handle in handles:
            handle.shutdown()

    def send(self, task: Any) -> tuple[int, Any] | None:
        """Send a task to a worker.

        Args:
            task: Daft's task.

        Returns:
            The number of the worker in this group and the handle of the sent task, or None if all
            workers have died.
        """
        with self._lock:
            number = self._dealing.deal()
            if number is None:
                return None
            handle = self._handles[number]
        return number, handle.submit_task(task)

    def ended(self, number: int, *, worker_died: bool) -> None:
        """Note that a task no longer runs.

        Args:
            number: The number of its worker in this group.
            worker_died: Whether the worker has died.
        """
        with self._lock:
            self._dealing.ended(number)
            if not worker_died or number not in self._handles:
                return
            self._dealing.lose(number)
            del self._handles[number]
            lost = self._planned.pop(number)
            left = len(self._handles)
        logger.warning("worker %s died; %d others of its group run its tasks", lost.worker_id, left)

    def take_back(self, member: Member) -> bool:
        """Add a worker in the place of one that has died. Returns whether it has its place here."""
        with self._lock:
            if not self._is_alive() or member.planned.worker_id not in self._dealing.lost():
                return False
            self._join(member)
            return True

    def is_alive(self) -> bool:
        """Return whether Daft can send tasks here."""
        with self._lock:
            return self._is_alive()

    def worker_ids(self) -> list[str]:
        """Return the ids of the workers that need no other in their place."""
        with self._lock:
            # Daft does not want back what it has shut down.
            lost = self._dealing.lost() if self._is_shut_down else []
            return [*self._dealing.present(), *lost]

    def _is_alive(self) -> bool:
        return bool(self._handles) and not self._is_shut_down

    def _join(self, member: Member) -> None:
        number = self._dealing.join(member.planned.worker_id)
        self._handles[number] = member.handle
        self._planned[number] = member.planned


class DealtTask:
    """Stands in for Daft's handle of a sent task. Sends the task again if its worker dies.

    Args:
        task: Daft's task.
        group: The workers.
    """

    def __init__(self, task: Any, group: WorkerGroup) -> None:
        self._task = task
        self._group = group
        self._sent = group.send(task)
        # Threads of Daft's set it.
        self._cancelled = threading.Event()

    async def get_result(self) -> Any:
        """Return the result of the task, as Daft's handle does."""
        while self._sent is not None:
            number, sent = self._sent
            died = False
            try:
                result = await sent.get_result()
                died = task_results.is_worker_died(result)
            finally:
                self._group.ended(number, worker_died=died)
            if not died:
                return result
            if self._cancelled.is_set():
                raise asyncio.CancelledError
            self._sent = self._group.send(self._task)
            if self._cancelled.is_set():
                self.cancel()  # Daft has cancelled what was sent before.
        return task_results.worker_died()

    def cancel(self) -> None:
        """Cancel the task. Daft calls this from threads of its own."""
        self._cancelled.set()
        if self._sent is not None:
            self._sent[1].cancel()
