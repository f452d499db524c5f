"""Chooses the worker on which a whole query runs."""

from __future__ import annotations

import collections
import enum
import itertools
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from protoplast.runner.messages import StartedWorker
from protoplast.seams.rebind import Overlay


class Busy(enum.Enum):
    """Says that a query has to wait for the whole queries that run."""

    BUSY = enum.auto()


class WholeWorkers:
    """The whole queries that run on each worker of this runner."""

    def __init__(self) -> None:
        # Threads of Daft's come here, and those on which queries wait for workers to start.
        self._lock = threading.Lock()
        # By the id of the worker: how many whole queries run there, and the bytes that these may take.
        self._running: collections.Counter[str] = collections.Counter()
        self._bytes: collections.Counter[str] = collections.Counter()
        # When each worker, and each node, was last chosen, in choices.
        self._chosen: dict[str, int] = {}
        self._chosen_nodes: dict[str, int] = {}
        self._choices = itertools.count(1)
        # A random number for each node, so that the first queries of all drivers do not meet on one.
        self._lots: collections.defaultdict[str, float] = collections.defaultdict(random.random)
        # The workers that Daft has shut down, and what ends those of them that run whole queries.
        self._leaving: set[str] = set()
        self._ends: dict[str, Callable[[], Any]] = {}
        # What ends each worker.
        self._shutdowns: dict[str, Callable[[], Any]] = {}

    def handle_of(self, worker_id: str, handle: Any) -> Any:
        """Return the handle by which Daft shuts a new worker down, once no whole query runs there.

        Daft does not know of whole queries, and shuts down workers that run none of its tasks if the
        cluster may scale in.

        Args:
            worker_id: The id of the worker.
            handle: Daft's own handle of the worker, or one that stands before it.
        """
        with self._lock:
            self._leaving.discard(worker_id)
            self._ends.pop(worker_id, None)
            self._shutdowns[worker_id] = lambda: handle.shutdown()
        return Overlay(handle, shutdown=lambda: self._shut_down(worker_id, handle.shutdown))

    def end_idle(self, worker_ids: Sequence[str]) -> set[str]:
        """End the workers on which no whole query runs. Returns their ids.

        Args:
            worker_ids: The ids of workers that run none of Daft's tasks.
        """
        with self._lock:
            idle = {worker_id for worker_id in worker_ids if not self._running[worker_id]}
            self._leaving |= idle
            ends = [self._shutdowns.pop(worker_id) for worker_id in idle]
        for end in ends:
            end()
        return idle

    def is_leaving(self, worker_id: str) -> bool:
        """Return whether Daft has shut a worker down."""
        return worker_id in self._leaving

    def hold(
        self, workers: Sequence[StartedWorker], memory_bytes: int, held: Mapping[str, int]
    ) -> StartedWorker | Literal[Busy.BUSY] | None:
        """Choose a worker for a query, until `release` is called.

        Of the workers with the fewest whole queries it is one whose node holds most of the input, and of
        these one of the node that was not chosen for the longest time, so that results do not fill one
        node. Nodes that were never chosen draw lots. On its node it is the worker that was chosen last,
        because a worker imports for 0.05 s before its first whole query. A worker that runs whole
        queries takes another one only if it has memory for all.

        Args:
            workers: The workers in service.
            memory_bytes: The memory that the worker must have for the query, in bytes.
            held: The bytes of the query's input that each node holds, by the id of the node.

        Returns:
            The worker, `BUSY` if all that have the memory run other whole queries, or None if no worker
            has it.
        """
        able = [started for started in workers if started.worker.memory_bytes >= memory_bytes]
        if not able:
            return None

        def cost(started: StartedWorker) -> tuple[int, int, int, float, int]:
            worker_id, node_id = started.worker.worker_id, started.worker.node_id
            here = held.get(node_id, 0)
            node = self._chosen_nodes.get(node_id, 0), self._lots[node_id]
            return self._running[worker_id], -here, *node, -self._chosen.get(worker_id, 0)

        def has_room(started: StartedWorker) -> bool:
            worker_id = started.worker.worker_id
            taken = self._bytes[worker_id] + memory_bytes
            return not self._running[worker_id] or taken <= started.worker.memory_bytes

        with self._lock:
            free = [started for started in able if has_room(started)]
            if not free:
                return Busy.BUSY
            chosen = min(free, key=cost)
            worker_id = chosen.worker.worker_id
            self._running[worker_id] += 1
            self._bytes[worker_id] += memory_bytes
            choice = next(self._choices)
            self._chosen[worker_id] = self._chosen_nodes[chosen.worker.node_id] = choice
        return chosen

    def release(self, worker: StartedWorker, memory_bytes: int) -> None:
        """Note that a query has ended.

        Args:
            worker: The worker that `hold` has chosen for it.
            memory_bytes: What `hold` was given.
        """
        worker_id = worker.worker.worker_id
        with self._lock:
            self._running[worker_id] -= 1
            self._bytes[worker_id] -= memory_bytes
            end = None if self._running[worker_id] else self._ends.pop(worker_id, None)
        if end is not None:
            end()

    def _shut_down(self, worker_id: str, end: Callable[[], Any]) -> None:
        with self._lock:
            self._leaving.add(worker_id)
            if self._running[worker_id]:
                self._ends[worker_id] = end
                return
        end()


WORKERS = WholeWorkers()
