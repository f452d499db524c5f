"""What the driver has learnt of the instances of class UDFs from earlier queries."""

from __future__ import annotations

import collections
import threading
from collections.abc import Collection

from protoplast import _core
from protoplast.driver.python_code.tags import FoundInstance
from protoplast.runner.messages import Footprint, InstanceReport

# How many classes are remembered.
_REMEMBERED = 1000


class LearnedInstances:
    """What earlier queries of this driver have shown."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._footprints: collections.OrderedDict[str, Footprint] = collections.OrderedDict()
        self._lines: collections.OrderedDict[str, str] = collections.OrderedDict()
        self._scarce: collections.OrderedDict[str, tuple[int, int]] = collections.OrderedDict()

    def footprint(self, alike: str | None) -> Footprint | None:
        """Return what an instance of a class costs with the same code and arguments, if it was built.

        Args:
            alike: The text that is equal for such objects, or None if it is unknown.
        """
        with self._lock:
            return self._footprints.get(alike) if alike is not None else None

    def learn(self, found: FoundInstance, report: InstanceReport) -> None:
        """Remember what a query has shown of an object.

        Args:
            found: The object.
            report: What the query has shown.
        """
        with self._lock:
            self._lines[found.name] = report.line
            if report.is_limited:
                self._scarce[found.name] = (report.workers, report.of)
            if found.alike is not None:
                self._footprints[found.alike] = report.footprint
            for learned in (self._lines, self._scarce, self._footprints):
                while len(learned) > _REMEMBERED:
                    learned.popitem(last=False)

    def scarce(self) -> list[tuple[str, int, int]]:
        """Return the classes that had no room in every worker of a node.

        Returns:
            For each its name, how many workers of a node had it, and how many workers the node had.
        """
        with self._lock:
            return [(name, workers, of) for name, (workers, of) in self._scarce.items()]

    def lines(self, operators: Collection[str]) -> list[str]:
        """Return what is known of the classes of a query, in a sentence each.

        Args:
            operators: The names of the operators that run Python code.
        """
        with self._lock:
            return [
                line
                for name, line in self._lines.items()
                if any(_core.is_of_class(operator, name) for operator in operators)
            ]


LEARNED = LearnedInstances()
