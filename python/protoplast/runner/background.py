"""Starts workers while a query runs, and remembers the workers that could not be started."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from protoplast import _core

logger = logging.getLogger(__name__)


class BackgroundStart:
    """Starts workers in waves, on a thread of its own.

    Args:
        worker_ids: The ids of all the workers.
        waves: Functions that each start some of the workers and return the handles that Daft is to take
            into service.
        delay: How long to wait before the first wave, in seconds.
        patience: How long a refresh may wait for this start from now on, in seconds.
    """

    def __init__(
        self,
        worker_ids: Sequence[str],
        waves: Sequence[Callable[[], Sequence[Any]]],
        delay: float = 0.0,
        patience: float = 0.0,
    ) -> None:
        self.worker_ids = worker_ids
        self.waited_for_until = time.monotonic() + patience
        self._waves = waves
        self._delay = delay
        # The handles of started workers, until `taken` returns them.
        self._handles: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="protoplast-start", daemon=True)
        self._thread.start()

    def has_ended(self, timeout: float | None) -> bool:
        """Wait for the start to end, and return whether it has.

        Args:
            timeout: Seconds to wait at most, or None to wait to the end.
        """
        self._thread.join(None if timeout is None else max(0.0, timeout))
        return not self._thread.is_alive()

    def taken(self) -> list[Any]:
        """Return the handles of the workers that were started since the last call."""
        return [self._handles.get_nowait() for _ in range(self._handles.qsize())]

    def _run(self) -> None:
        time.sleep(self._delay)
        for wave in self._waves:
            try:
                for handle in wave():
                    self._handles.put(handle)
            except Exception as error:
                # The other workers serve meanwhile, and the next refresh tries these again.
                logger.warning(
                    "some of workers %s could not be started: %s", ", ".join(self.worker_ids), error
                )


class Failures:
    """The workers that could not be started, and when each may be tried again.

    Args:
        clock: Returns the time in seconds, and never goes back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: dict[str, int] = {}
        self._not_before: dict[str, float] = {}

    def note(self, tried: Iterable[str], started: Iterable[str]) -> None:
        """Note which workers were tried, and which of them started.

        Args:
            tried: The ids of the workers that were tried.
            started: The ids of the workers that started.
        """
        started = set(started)
        for worker_id in tried:
            if worker_id in started:
                self._counts.pop(worker_id, None)
                self._not_before.pop(worker_id, None)
                continue
            count = self._counts[worker_id] = self._counts.get(worker_id, 0) + 1
            wait = _core.retry_after_s(count)
            self._not_before[worker_id] = self._clock() + wait
            logger.warning(
                "worker %s could not be started (failures: %d); it is tried again in %d s or later",
                worker_id,
                count,
                wait,
            )

    def waiting(self) -> list[str]:
        """Return the ids of the workers that may not be tried yet."""
        now = self._clock()
        return [worker_id for worker_id, then in self._not_before.items() if now < then]

    def failed(self) -> list[str]:
        """Return the ids of the workers that could not be started when they were last tried."""
        return list(self._counts)
