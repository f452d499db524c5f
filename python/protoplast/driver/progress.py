"""Shows how many of a fleet's workers are up while a query waits for them.

The runner's process starts the workers and the driver shows the bar, so a thread of the driver asks the
runner. The query does not wait for that thread and never sees an error of it.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from protoplast.runner.messages import StartupProgress

logger = logging.getLogger(__name__)

# How often the thread asks the runner, in seconds. Workers that start faster need no bar.
INTERVAL_S = 0.5

THREAD_NAME = "protoplast-progress"

# How often the thread checks whether the query has ended while it waits for the runner, in seconds.
_SLICE_S = 0.05

# How long the last question at the end of a query may take, and how long the query waits for the bar to
# close, in seconds. An open bar would be drawn into the answer that the query prints.
_LAST_LOOK_S = 0.05
_CLOSE_S = 1.0


class Progress:
    """The progress of one fleet's start. If several queries wait for it, the first shows the bar.

    Args:
        ray: The `ray` module.
        ask: Asks the runner how many workers are up. Returns the reference of a `StartupProgress`.
        find_tqdm: Returns the class of Daft's progress bars on Ray, or None if they are off.
    """

    def __init__(
        self, ray: Any, ask: Callable[[], Any], find_tqdm: Callable[[], Any | None]
    ) -> None:
        self._ray = ray
        self._ask = ask
        self._find_tqdm = find_tqdm
        self._is_over = False
        # Held while a thread asks the runner.
        self._shows = threading.Lock()

    @contextlib.contextmanager
    def shown(self) -> Iterator[None]:
        """Show a bar until the query ends or every worker is up or has been tried."""
        end = threading.Event()
        thread = self._begun(end)
        try:
            yield
        finally:
            end.set()
            # Garbage collection may end a query in any thread, also in the thread of the bar.
            if thread is not None and thread is not threading.current_thread():
                thread.join(_CLOSE_S)

    def _begun(self, end: threading.Event) -> threading.Thread | None:
        if self._is_over or not self._shows.acquire(blocking=False):
            return None
        try:
            if (tqdm := self._find_tqdm()) is not None:
                thread = threading.Thread(
                    target=self._show, args=(tqdm, end), name=THREAD_NAME, daemon=True
                )
                thread.start()
                return thread
        except Exception as error:
            logger.debug("the progress bar of the workers could not start: %s", error)
        self._shows.release()
        return None

    def _show(self, tqdm: Any, end: threading.Event) -> None:
        bar: _Bar | None = None
        try:
            while not self._is_over and not end.wait(INTERVAL_S):
                arrived = self._look(end.is_set)
                if arrived is None:
                    break
                self._is_over = not arrived.is_starting or arrived.planned == 1
                if bar is None and not self._is_over and arrived.planned:
                    bar = _Bar(tqdm, arrived.planned)
                if bar is not None:
                    bar.show(arrived.up)
            if bar is not None and not self._is_over:
                until = time.monotonic() + _LAST_LOOK_S
                if (last := self._look(lambda: time.monotonic() > until)) is not None:
                    bar.show(last.up)
        except Exception as error:
            # The runner may have died, or Ray may be shutting down. The query reports that itself.
            logger.debug("the progress bar of the workers has stopped: %s", error)
        finally:
            if bar is not None:
                bar.close()
            self._shows.release()

    def _look(self, gives_up: Callable[[], bool]) -> StartupProgress | None:
        reference = self._ask()
        # After a shutdown, `ray.wait` would start a new Ray.
        while not gives_up() and self._ray.is_initialized():
            ready, _ = self._ray.wait([reference], timeout=_SLICE_S)
            if ready:
                arrived: StartupProgress = self._ray.get(reference)
                return arrived
        return None


class _Bar:
    """One of Ray's progress bars, which share the terminal's lines with those of Daft's tasks."""

    def __init__(self, tqdm: Any, planned: int) -> None:
        self._planned = planned
        self._shown = 0
        self._bar = tqdm(total=planned, desc=self._description(0))

    def show(self, up: int) -> None:
        # Ray's bars scale their numbers, so that 4 of 4 reads 4.00 of 4.00. The description says 4/4.
        self._bar.set_description(self._description(up))
        self._bar.update(up - self._shown)
        self._shown = up

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._bar.close()

    def _description(self, up: int) -> str:
        return f"{up}/{self._planned} workers up"
