"""Chooses the worker on which a whole query runs."""

from __future__ import annotations

import collections
import itertools
import threading
from collections.abc import Sequence
from typing import Any

from protoplast.runner.cluster_view import ClusterView
from protoplast.runner.messages import StartedWorker
from protoplast.seams import ray as ray_seams


class WholeWorkers:
    """The whole queries that run on each worker of this runner."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: collections.Counter[str] = collections.Counter()
        # When each worker was last chosen, in choices.
        self._chosen: dict[str, int] = {}
        self._choices = itertools.count(1)

    def hold(
        self, view: ClusterView, memory_bytes: int, inputs: Sequence[Any], *args: Any
    ) -> StartedWorker | None:
        """Choose a worker for a query, until `release` is called.

        Of the workers with the fewest whole queries it is one whose node holds most of the input, and of
        these the one that was not chosen for the longest time, so that results do not fill one node.

        Args:
            view: The installed cluster view.
            memory_bytes: The memory that the worker must have, in bytes.
            inputs: The references of the partitions that the query reads.
            *args: The arguments of `ClusterView.ready`.

        Returns:
            The worker, or None if no worker has that memory.
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

        with self._lock:
            chosen = min(workers, key=cost)
            self._running[chosen.worker.worker_id] += 1
            self._chosen[chosen.worker.worker_id] = next(self._choices)
        return chosen

    def release(self, worker: StartedWorker) -> None:
        """Note that a query has ended.

        Args:
            worker: The worker that `hold` has chosen for it.
        """
        with self._lock:
            self._running[worker.worker.worker_id] -= 1
