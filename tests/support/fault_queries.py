"""Slow queries with known answers, and what shows who did which row. For the processes of tests."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import ray
from ray.cluster_utils import Cluster

PATIENCE_S = 30.0


def start_cluster(*nodes: dict[str, Any]) -> Any:
    """Start nodes of this process's own and join them; the first is the head."""
    cluster = Cluster()
    for node in nodes:
        cluster.add_node(**{"memory": 1 << 30, **node}, include_dashboard=False)
    ray.init(cluster.address, log_to_driver=False)
    return cluster


def end_cluster(cluster: Any) -> None:
    ray.shutdown()
    cluster.shutdown()


def slow_squares(tasks: int, seconds: float) -> Any:
    """A query of one row a task: columns `row`, `square`, `pid` and `done` (the time)."""
    import daft

    kind = daft.DataType.struct(
        {
            "square": daft.DataType.int64(),
            "pid": daft.DataType.int64(),
            "done": daft.DataType.float64(),
        }
    )

    @daft.func(return_dtype=kind)
    def square(row: int) -> dict[str, Any]:
        import os
        import time

        time.sleep(seconds)
        return {"square": row * row, "pid": os.getpid(), "done": time.time()}

    df = daft.from_pydict({"row": list(range(tasks))}).into_partitions(tasks)
    return df.with_column("did", square(daft.col("row")))


class Running:
    """A query on a thread of its own."""

    def __init__(self, tasks: int, seconds: float) -> None:
        self._tasks = tasks
        self._df = slow_squares(tasks, seconds)
        self._answer: Any = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    def did(self, timeout: float = 120.0) -> list[dict[str, Any]]:
        """Wait for the answer, see that it is exact, and return who did each row."""
        self._thread.join(timeout)
        assert not self._thread.is_alive(), "the query has not ended"
        if self._error:
            raise self._error
        answer = self._answer.to_pydict()
        squares = {
            row: did["square"] for row, did in zip(answer["row"], answer["did"], strict=True)
        }
        assert len(answer["row"]) == self._tasks
        assert squares == {row: row * row for row in range(self._tasks)}
        return list(answer["did"])

    def _run(self) -> None:
        try:
            self._answer = self._df.collect()
        except BaseException as error:
            self._error = error


def alive() -> dict[str, int]:
    """The pid of each live worker, by worker id."""
    import protoplast

    return {
        worker.worker_id: worker.pid
        for worker in protoplast.status().workers
        if worker.state == "alive" and worker.pid is not None
    }


def wait_for(condition: Callable[[], Any], patience: float = PATIENCE_S) -> Any:
    """Wait until something is true; returns what it was last."""
    deadline = time.monotonic() + patience
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found
