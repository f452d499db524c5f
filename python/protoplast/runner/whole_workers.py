"""Chooses the worker on which a whole query runs."""

from __future__ import annotations

import collections
import enum
import itertools
import threading
from collections.abc import Sequence
from typing import Any, Literal

from protoplast.runner.cluster_view import ClusterView
from protoplast.runner.messages import StartedWorker
from protoplast.seams import ray as ray_seams


class Busy(enum.Enum):
    """Says that a query has to wait for the whole queries that run."""

    BUSY = enum.auto()


class WholeWorkers:
    """The whole queries that run on each worker of this runner."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # By the id of the worker: how many whole queries run there, and the bytes that these may take.
        self._running: collections.Counter[str] = collections.Counter()
        self._bytes: collections.Counter[str] = collections.Counter()
        # When each worker was last chosen, in choices.
        self._chosen: dict[str, int] = {}
        self._choices = itertools.count(1)

    def hold(
        self, view: ClusterView, memory_bytes: int, inputs: Sequence[Any], *args: Any
    ) -> StartedWorker | Literal[Busy.BUSY] | None:
        """Choose a worker for a query, until `release` is called.

        Of the workers with the fewest whole queries it is one whose node holds most of the input, and of
        these the one that was not chosen for the longest time, so that results do not fill one node. A
        worker that runs whole queries takes another one only if it has memory for all.

        Args:
            view: The installed cluster view.
            memory_bytes: The memory that the worker must have for the query, in bytes.
            inputs: The references of the partitions that the query reads.
            *args: The arguments of `ClusterView.ready`.

        Returns:
            The worker, `BUSY` if all that have the memory run other whole queries, or None if no worker
            has it.
        """
        workers = [
            started for started in view.ready(*args) if started.worker.memory_bytes >= memory_bytes
        ]
        if not workers:
            return None
        held = ray_seams.bytes_by_node(inputs) if len(workers) > 1 else {}

        def cost(started: StartedWorker) -> tuple[int, int, int]:
            worker_id = started.worker.worker_id
            here = held.get(started.worker.node_id, 0)
            return self._running[worker_id], -here, self._chosen.get(worker_id, 0)

        def has_room(started: StartedWorker) -> bool:
            worker_id = started.worker.worker_id
            taken = self._bytes[worker_id] + memory_bytes
            return not self._running[worker_id] or taken <= started.worker.memory_bytes

        with self._lock:
            free = [started for started in workers if has_room(started)]
            if not free:
                return Busy.BUSY
            chosen = min(free, key=cost)
            worker_id = chosen.worker.worker_id
            self._running[worker_id] += 1
            self._bytes[worker_id] += memory_bytes
            self._chosen[worker_id] = next(self._choices)
        return chosen

    def release(self, worker: StartedWorker, memory_bytes: int) -> None:
        """Note that a query has ended.

        Args:
            worker: The worker that `hold` has chosen for it.
            memory_bytes: What `hold` was given.
        """
        with self._lock:
            self._running[worker.worker.worker_id] -= 1
            self._bytes[worker.worker.worker_id] -= memory_bytes
