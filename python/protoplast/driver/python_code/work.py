"""What the driver has learnt of Python code from earlier queries: how long it takes, and its GIL."""

from __future__ import annotations

import collections
import logging
import threading
from typing import Any

from protoplast import _core
from protoplast.seams import optional as optional_seams

logger = logging.getLogger(__name__)

# How many operators are remembered.
_REMEMBERED = 1000


class LearnedWork:
    """What earlier queries of this driver have shown."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # By operator: the time for each MiB that the query reads, in microseconds, and the part of it in
        # which the operator holds the GIL, in thousandths.
        self._known: collections.OrderedDict[str, tuple[int, int | None]] = (
            collections.OrderedDict()
        )

    def known(self) -> list[tuple[str, int, int | None]]:
        """Return the operators whose time is known.

        Returns:
            For each its name, its time for each MiB that the query reads, in microseconds, and the part
            of it in which it holds the GIL, in thousandths, or None if that is not known.
        """
        with self._lock:
            return [(operator, *known) for operator, known in self._known.items()]

    def learn(self, decision: _core.Decision, stats: Any) -> None:
        """Remember what a query has shown that was read to its end.

        Args:
            decision: The decision by which it ran.
            stats: Daft's statistics of it.
        """
        if not decision.python_code or not optional_seams.STATISTICS.is_available():
            return
        try:
            seen = decision.work_seen(optional_seams.durations(stats), self.known())
        except Exception as error:
            # The query has its results.
            logger.debug("the statistics of a query cannot be read: %s", error)
            return
        with self._lock:
            for operator, us_per_mib, gil_permille in seen:
                self._known[operator] = us_per_mib, gil_permille
                self._known.move_to_end(operator)
                logger.debug("'%s' takes %d us for each MiB that is read", operator, us_per_mib)
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)


WORK = LearnedWork()
