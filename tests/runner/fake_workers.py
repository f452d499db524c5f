"""Stand-ins for the actors of workers, behind Daft's own handles, and for Daft's tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from protoplast import _core
from protoplast.runner.instances.routing import InstanceRouting, RoutedWorker
from protoplast.worker import calls as worker_calls
from protoplast.worker.instances import TAG, InstanceTag

GB = 1 << 30
NODE = "n"
QUERY = "query"
KEY = "model"


class Run:
    """A run of a plan in an actor."""

    def __init__(self) -> None:
        self._end: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def end(self, error: Exception | None = None) -> None:
        """End the run, which had no rows."""
        if error is None:
            self._end.set_result(None)
        else:
            self._end.set_exception(error)

    async def completed(self) -> None:
        await self._end

    def __iter__(self) -> Iterator[Any]:
        from daft.runners.flotilla import SwordfishTaskMetadata

        metadata: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        metadata.set_result(SwordfishTaskMetadata([], b"", False))
        yield metadata


class Actor:
    """Stands in for the actor of a worker.

    Args:
        shares: What it answers when it is asked to share instances, or the errors that it raises first.
    """

    def __init__(self, *shares: Any) -> None:
        self._shares = [*shares, (9 * GB, 10 * GB)]
        self.calls: list[tuple[Any, ...]] = []
        self.runs: list[Run] = []
        self.__ray_call__ = SimpleNamespace(remote=self._call)
        self.run_plan = SimpleNamespace(options=lambda name: SimpleNamespace(remote=self._run))

    @property
    def asked(self) -> int:
        """How often it was asked to share instances."""
        return len([call for call in self.calls if call[0] is worker_calls.share_instances])

    @property
    def told(self) -> list[list[Any]]:
        """The ends of queries that it was told of."""
        return [[*call[1:]] for call in self.calls if call[0] is worker_calls.end_query]

    def _call(self, *call: Any) -> asyncio.Future[Any]:
        self.calls.append(call)
        answer = self._shares.pop(0) if len(self._shares) > 1 else self._shares[0]
        answered: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if isinstance(answer, Exception):
            answered.set_exception(answer)
        else:
            answered.set_result(answer)
        return answered

    def _run(self, *_arguments: Any, **_inputs: Any) -> Run:
        self.runs.append(Run())
        return self.runs[-1]


class Task:
    """Stands in for a task of Daft's whose rows go through one class UDF."""

    def __init__(self) -> None:
        import daft

        @daft.cls
        class Model:
            pass

        self._model = Model()
        vars(self._model)[TAG] = tuple(InstanceTag(KEY, QUERY, is_cheap=False))

    def plan(self) -> Any:
        return [self._model]

    def name(self) -> str:
        return "task"

    def config(self) -> None:
        return None

    def context(self) -> dict[str, str]:
        return {}

    def inputs(self) -> dict[str, Any]:
        return {}

    psets = inputs


def handle(routing: InstanceRouting, worker_id: str, actor: Actor) -> Any:
    """Have a worker of one slot join, and return the handle through which Daft sends it tasks."""
    from daft.runners.flotilla import RaySwordfishActorHandle

    planned = _core.Worker(worker_id, NODE, 1, 0, GB)
    daft_handle: Any = RaySwordfishActorHandle(actor)
    return routing.handle_of(RoutedWorker(planned, actor, daft_handle, 0))


def send(handle: Any) -> tuple[Any, asyncio.Task[Any]]:
    """Send a task as Daft does. Returns its handle and what waits for the result."""
    sent = handle.submit_task(Task())
    return sent, asyncio.ensure_future(sent.get_result())


async def settle() -> None:
    """Let everything happen that is about to."""
    await asyncio.sleep(0.2)
