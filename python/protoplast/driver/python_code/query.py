"""The class UDFs of one query, such as those that load models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from protoplast.driver.python_code.learned import LEARNED
from protoplast.driver.python_code.tags import FoundInstance, tagged
from protoplast.runner.messages import ExpectedInstance, Footprint, InstanceReport
from protoplast.seams.rebind import Overlay


class QueryInstances:
    """The class UDFs of one query.

    Args:
        memory_bytes: The memory that the user asks for in a task of the query, or 0.
        tasks: How many tasks of the query run Python code, or None if that is not known.
    """

    def __init__(self, memory_bytes: int, tasks: int | None) -> None:
        # The objects that are costly to build, or None if the query has no class UDF.
        self.expected: tuple[ExpectedInstance, ...] | None = None
        self.lines: tuple[str, ...] = ()
        self._memory_bytes = memory_bytes
        self._tasks = tasks
        self._found: dict[str, FoundInstance] = {}

    def tag(self, plan: Any, query: str) -> Any:
        """Return the plan of the query with its class UDFs marked, as Daft sends it to the runner.

        Args:
            plan: The plan.
            query: Its id.
        """
        result = tagged(plan, query)
        self._found = result.found
        if result.has_tags:
            self.expected = tuple(
                ExpectedInstance(found.key, _short(found.name), self._known(found), self._tasks)
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
