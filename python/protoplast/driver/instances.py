"""What the driver has learnt of the instances of class UDFs, such as loaded models."""

from __future__ import annotations

import collections
import threading
from collections.abc import Collection, Sequence
from typing import Any

from protoplast.driver.instance_tags import FoundInstance, tagged
from protoplast.runner.messages import ExpectedInstance, Footprint, InstanceReport
from protoplast.seams.rebind import Overlay

# How many classes are remembered.
_REMEMBERED = 1000


class LearnedInstances:
    """What earlier queries of this driver have shown."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._footprints: collections.OrderedDict[str, Footprint] = collections.OrderedDict()
        self._lines: collections.OrderedDict[str, str] = collections.OrderedDict()

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
            if found.alike is not None:
                self._footprints[found.alike] = report.footprint
            for learned in (self._lines, self._footprints):
                while len(learned) > _REMEMBERED:
                    learned.popitem(last=False)

    def lines(self, operators: Collection[str]) -> list[str]:
        """Return what is known of the classes of a query, in a sentence each.

        Args:
            operators: The names of the operators that run Python code. The name of a method begins with
                that of its class.
        """
        with self._lock:
            return [
                line
                for name, line in self._lines.items()
                if any(it == name or it.startswith(f"{name}.") for it in operators)
            ]


class QueryInstances:
    """The class UDFs of one query.

    Args:
        memory_bytes: The memory that the user asks for in a task of the query, or 0.
    """

    def __init__(self, memory_bytes: int) -> None:
        self.expected: tuple[ExpectedInstance, ...] = ()
        self.lines: tuple[str, ...] = ()
        self._memory_bytes = memory_bytes
        self._found: dict[str, FoundInstance] = {}

    def tag(self, plan: Any, query: str) -> Any:
        """Return the plan of the query with its class UDFs marked, as Daft sends it to the runner.

        Args:
            plan: The plan.
            query: Its id.
        """
        result = tagged(plan, query)
        self._found = result.found
        self.expected = tuple(
            ExpectedInstance(found.key, _short(found.name), self._known(found))
            for found in result.found.values()
        )
        return _Sent(plan, result.pickled)

    def learn(self, reports: Sequence[InstanceReport]) -> None:
        """Remember what the query has shown of its instances.

        Args:
            reports: What the runner says.
        """
        for report in reports:
            LEARNED.learn(self._found[report.key], report)
        self.lines = tuple(report.line for report in reports)

    def _known(self, found: FoundInstance) -> Footprint | None:
        if self._memory_bytes:
            return Footprint(self._memory_bytes, self._memory_bytes, None, None)
        return LEARNED.footprint(found.alike)


class _Sent(Overlay):
    """A plan that Ray sends in the form in which it was pickled."""

    def __init__(self, plan: Any, pickled: Any) -> None:
        super().__init__(plan)
        self._pickled = pickled

    def __reduce__(self) -> Any:
        """Pickle as the plan was pickled."""
        return self._pickled.__reduce__()


def _short(name: str) -> str:
    return name.rpartition(".")[2]


LEARNED = LearnedInstances()
