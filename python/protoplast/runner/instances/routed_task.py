"""A task of Daft's that runs on the worker that has the instances of its class UDFs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from protoplast.seams import task_results

# Waits until a task may run. Returns the id of the worker, and Daft's handle of it.
Admit = Callable[[], Awaitable[tuple[str, Any]]]


class RoutedTask:
    """Stands in for Daft's handle of a sent task, and sends the task to the worker that may run it.

    Args:
        task: Daft's task.
        own_worker: The id of the worker that Daft has chosen.
        admit: Waits until the task may run.
        ended: Is called when the task no longer runs on a worker. Its argument is Daft's handle of that
            worker if the worker has died, and None otherwise.
    """

    def __init__(
        self, task: Any, own_worker: str, admit: Admit, ended: Callable[[Any], None]
    ) -> None:
        self._task = task
        self._own_worker = own_worker
        self._admit = admit
        self._ended = ended
        self._running: asyncio.Task[Any] | None = None
        self._sent: Any = None
        # Threads of Daft's set it.
        self._cancelled = threading.Event()

    async def get_result(self) -> Any:
        """Return the result of the task, as Daft's handle does."""
        self._running = asyncio.create_task(self._run())
        return await self._running

    def cancel(self) -> None:
        """Cancel the task, whether it waits or runs. Daft calls this from threads of its own."""
        self._cancelled.set()
        if self._sent is not None:
            self._sent.cancel()
        if self._running is not None:
            self._running.get_loop().call_soon_threadsafe(self._running.cancel)

    async def _run(self) -> Any:
        while True:
            if self._cancelled.is_set():
                raise asyncio.CancelledError
            died = None
            try:
                worker, handle = await self._admit()
                self._sent = handle.submit_task(self._task)
                if self._cancelled.is_set():  # It was cancelled while it was being sent.
                    self._sent.cancel()
                result = await task_results.result(self._sent)
                if result is not task_results.WORKER_DIED:
                    return result
                died = handle
            finally:
                self._ended(died)
            if worker == self._own_worker:
                return task_results.worker_died()
