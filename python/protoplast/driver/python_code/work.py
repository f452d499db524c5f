"""What the driver has learnt of the time that Python code takes, from earlier queries."""

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
        self._us_per_mib: collections.OrderedDict[str, int] = collections.OrderedDict()

    def known(self) -> list[tuple[str, int]]:
        """Return the operators whose time is known.

        Returns:
            For each its name, and its time for each MiB that the query reads, in microseconds.
        """
        with self._lock:
            return list(self._us_per_mib.items())

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
            for operator, us_per_mib in seen:
                self._us_per_mib[operator] = us_per_mib
                self._us_per_mib.move_to_end(operator)
                logger.debug("'%s' takes %d us for each MiB that is read", operator, us_per_mib)
            while len(self._us_per_mib) > _REMEMBERED:
                self._us_per_mib.popitem(last=False)


WORK = LearnedWork()
