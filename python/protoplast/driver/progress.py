"""Shows how many of a fleet's workers are up while a query waits for them.

Workers are started in the runner's process and the bar is in the driver, so the driver asks the runner,
on a thread of its own. Nothing of it reaches the query: it is not held up, and no error gets into it.
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

# How often the runner is asked, in seconds. What starts faster needs no bar.
INTERVAL_S = 0.5

THREAD_NAME = "protoplast-progress"

# How often the end of the query is looked for while the runner has not answered, in seconds.
_SLICE_S = 0.05

# How long the last look at the end of a query may take, in seconds. The bar is closed before the query's
# answer is printed, which would be written into it otherwise.
_LAST_LOOK_S = 0.05
_CLOSE_S = 1.0


class Progress:
    """The progress of the start of one fleet. Of queries side by side, the first shows it.

    Args:
        ray: The module.
        ask: Asks the runner for what has arrived; returns the reference of a `StartupProgress`.
        find_tqdm: Returns the class of Daft's bars on Ray, None where they are off.
    """

    def __init__(
        self, ray: Any, ask: Callable[[], Any], find_tqdm: Callable[[], Any | None]
    ) -> None:
        self._ray = ray
        self._ask = ask
        self._find_tqdm = find_tqdm
        self._is_over = False
        # Held by the thread that asks.
        self._shows = threading.Lock()

    @contextlib.contextmanager
    def shown(self) -> Iterator[None]:
        """Show it for the length of a query, or until all workers are up or have been tried."""
        end = threading.Event()
        thread = self._begun(end)
        try:
            yield
        finally:
            end.set()
            # A query that is collected as garbage ends in whichever thread that happens.
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
            logger.debug("no progress is shown: %s", error)
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
            # The runner may have died, and Ray may be going; the query says so itself.
            logger.debug("no progress is shown: %s", error)
        finally:
            if bar is not None:
                bar.close()
            self._shows.release()

    def _look(self, gives_up: Callable[[], bool]) -> StartupProgress | None:
        reference = self._ask()
        # To ask a Ray that was shut down would start another.
        while not gives_up() and self._ray.is_initialized():
            ready, _ = self._ray.wait([reference], timeout=_SLICE_S)
            if ready:
                arrived: StartupProgress = self._ray.get(reference)
                return arrived
        return None


class _Bar:
    """One of Ray's own bars, as Daft shows its tasks: they share the lines of the terminal with it."""

    def __init__(self, tqdm: Any, planned: int) -> None:
        self._planned = planned
        self._shown = 0
        self._bar = tqdm(total=planned, desc=self._description(0))

    def show(self, up: int) -> None:
        # The numbers of Ray's bars are scaled, 4 of 4 to 4.00 of 4.00, so they are here as well.
        self._bar.set_description(self._description(up))
        self._bar.update(up - self._shown)
        self._shown = up

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._bar.close()

    def _description(self, up: int) -> str:
        return f"{up}/{self._planned} workers up"
