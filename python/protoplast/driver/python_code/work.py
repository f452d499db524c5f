"""What the driver has learnt of Python code from earlier queries: how long it takes, and its GIL."""

from __future__ import annotations

import collections
import logging
import threading
from dataclasses import dataclass
from typing import Any

from protoplast import _core
from protoplast.seams import optional as optional_seams

logger = logging.getLogger(__name__)

# How many operators are remembered.
_REMEMBERED = 1000


# How many queries may have ended whose workers have not yet said how they used their GIL.
_MOST_COMING = 20


class _NotYetError(Exception):
    """The workers have not answered."""


@dataclass(frozen=True)
class _Coming:
    """How the workers of a query used their GIL, once they have said so."""

    reference: Any
    decision: _core.Decision
    durations: list[tuple[str, int]]
    operators: list[str]

    def use(self) -> int | None:
        """Return for how many thousandths of its time the code held the GIL, or None if unknown.

        Raises:
            _NotYetError: It has not come yet.
            Exception: What has come cannot be read.
        """
        import ray

        try:
            if not ray.wait([self.reference], timeout=0)[0]:
                raise _NotYetError
            found: list[tuple[int, float, int]] | None = ray.get(self.reference)
        except ray.exceptions.RayError as error:
            logger.debug("how the GIL was used is not known: %s", error)
            return None
        return None if found is None else self.decision.gil_seen(self.durations, found)


class LearnedWork:
    """What earlier queries of this driver have shown."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # By operator: the time for each MiB that the query reads, in microseconds, and the part of it in
        # which the operator holds the GIL, in thousandths.
        self._known: collections.OrderedDict[str, tuple[int, int | None]] = (
            collections.OrderedDict()
        )

        # The operators that took longer where their tasks shared a GIL.
        self._slower_shared: set[str] = set()
        # Of queries that have ended: how their workers used the GIL, as it will come from the runner,
        # with what to make of it.
        self._coming: list[_Coming] = []

    def known(self) -> list[tuple[str, int, int | None]]:
        """Return the operators whose time is known.

        Returns:
            For each its name, its time for each MiB that the query reads, in microseconds, and the part
            of it in which it holds the GIL, in thousandths, or None if that is not known.
        """
        self._take_what_has_come()
        with self._lock:
            return [(operator, *known) for operator, known in self._known.items()]

    def wants_gil_use(self, decision: _core.Decision) -> bool:
        """Return whether the workers of a query should say how they use their GIL."""
        return decision.watches_gil and optional_seams.STATISTICS.is_available()

    def learn(self, decision: _core.Decision, stats: Any, gil_use: Any = None) -> None:
        """Remember what a query has shown that was read to its end.

        Args:
            decision: The decision by which it ran.
            stats: Daft's statistics of it.
            gil_use: The reference of how its workers used their GIL, if they were asked.
        """
        if not decision.python_code or not optional_seams.STATISTICS.is_available():
            return
        try:
            self.remember(decision, optional_seams.durations(stats), gil_use)
        except Exception as error:
            # The query has its results.
            logger.debug("the statistics of a query cannot be read: %s", error)

    def remember(
        self, decision: _core.Decision, durations: list[tuple[str, int]], gil_use: Any = None
    ) -> None:
        """Remember how long the operators of a query took.

        Args:
            decision: The decision by which it ran.
            durations: The name of each operator in Daft's statistics, and its time in all tasks
                together, in microseconds.
            gil_use: The reference of how its workers used their GIL, if they were asked.
        """
        known = self.known()
        seen = decision.work_seen(durations, known)
        slower = decision.slower_shared(durations, known)
        with self._lock:
            for operator, us_per_mib, gil_permille in seen:
                shares = operator not in slower and operator not in self._slower_shared
                self._known[operator] = us_per_mib, gil_permille if shares else None
                self._known.move_to_end(operator)
                logger.debug("'%s' takes %d us for each MiB that is read", operator, us_per_mib)
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
            self._slower_shared.update(slower)
            for operator in slower:
                logger.info("'%s' took longer with a shared GIL, and has its own again", operator)
            if gil_use is not None and seen:
                names = [operator for operator, *_ in seen]
                self._coming = [*self._coming, _Coming(gil_use, decision, durations, names)]
                self._coming = self._coming[-_MOST_COMING:]

    def _take_what_has_come(self) -> None:
        with self._lock:
            coming, self._coming = self._coming, []
        if not coming:
            return
        late = []
        for one in coming:
            try:
                use = one.use()
            except _NotYetError:
                late.append(one)
                continue
            except Exception as error:  # The next query is planned without it.
                logger.debug("how the GIL was used is not known: %s", error)
                continue
            if use is not None:
                self._hold(one.operators, use)
        with self._lock:
            self._coming = [*late, *self._coming]

    def _hold(self, operators: list[str], permille: int) -> None:
        with self._lock:
            for operator in operators:
                if operator in self._known and operator not in self._slower_shared:
                    self._known[operator] = self._known[operator][0], permille
                    logger.debug("'%s' holds the GIL for %.1f %%", operator, permille / 10)


WORK = LearnedWork()
