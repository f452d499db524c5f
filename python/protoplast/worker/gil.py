"""Measures how the process of a worker uses its GIL.

A thread of `_core` asks for the GIL at random moments. `docs/gil.md` says how the shares follow from
that, how precise they are and what it costs.
"""

from __future__ import annotations

import atexit
import logging
from dataclasses import dataclass

from protoplast import _core

logger = logging.getLogger(__name__)

_PROBE = _core.GilProbe()


@dataclass(frozen=True)
class GilCounters:
    """What was counted of the GIL of a process since it was first watched.

    The counters only grow, so that any number of readers can each subtract an earlier reading of theirs.

    Args:
        elapsed_us: For how long the GIL was watched, in microseconds.
        samples: How often it was asked for.
        blocked: How often another thread held it.
        waited_us: How long it was waited for in all, in microseconds.
    """

    elapsed_us: int
    samples: int
    blocked: int
    waited_us: int

    @property
    def held(self) -> float | None:
        """The part of the time in which a thread held the GIL, 0 to 1; None if that is not known."""
        window = self.window()
        return None if window is None else window.held

    def window(self, since: GilCounters | None = None) -> _core.GilWindow | None:
        """Return how the GIL was used.

        Args:
            since: An earlier reading of the same counters; None for all of the time.

        Returns:
            The shares, or None if the GIL was not asked for in that time.
        """
        return _core.gil_window(self._figures(), None if since is None else since._figures())

    def _figures(self) -> tuple[int, int, int, int]:
        return self.elapsed_us, self.samples, self.blocked, self.waited_us


def start() -> bool:
    """Watch the GIL of this process from now on. Does nothing if it is watched.

    Returns:
        Whether it is watched. It is not if the system has no thread left for that.
    """
    if _PROBE.is_running:
        return True
    try:
        _PROBE.start()
    except OSError as error:
        logger.info("the GIL is not watched: %s", error)
        return False
    # A thread that asks for the GIL of an interpreter that ends would never have an answer.
    atexit.unregister(_PROBE.stop)
    atexit.register(_PROBE.stop)
    return True


def stop() -> None:
    """Watch the GIL no more. What was counted stays, and `start` goes on from there."""
    _PROBE.stop()
    atexit.unregister(_PROBE.stop)


def figures() -> tuple[int, int, int, int] | None:
    """Read the fields of `counters` as `_core` takes them."""
    counted = _PROBE.counters()
    return counted if _PROBE.is_running or any(counted) else None


def counters() -> GilCounters | None:
    """Read what was counted in this process; None if its GIL was never watched.

    A process that was forked from one whose GIL is watched has counters of its own.
    """
    counted = figures()
    return None if counted is None else GilCounters(*counted)
