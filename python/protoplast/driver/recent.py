"""The last queries of this process: on which workers each ran, and why."""

from __future__ import annotations

import collections
import time
from dataclasses import dataclass, replace

from protoplast import _core

# How many of the last queries are remembered.
_REMEMBERED = 10


@dataclass(frozen=True)
class Explanation:
    """On which workers a query runs, and why. `str()` is up to three lines.

    Args:
        layout: The layout of the workers.
        asked: The layout in force, or that `explain` was asked for.
        reason: Why it is this one.
        hint: What leaves slots without work, and the remedy. None if every slot has a task, and of a
            query that was over so soon that more tasks would have saved nobody any time.
        per_worker: Which of Daft's limits each worker has by itself, since they cannot be divided among
            those of a node; None if there are none.
    """

    layout: _core.Layout
    asked: _core.Layout
    reason: str
    hint: str | None
    per_worker: str | None = None

    @classmethod
    def of(cls, asked: _core.Layout, decision: _core.Decision) -> Explanation:
        """Return what a decision says."""
        return cls(decision.layout, asked, decision.reason, decision.hint, decision.per_worker)

    def __str__(self) -> str:
        lines = [f"runs on '{self.layout}': {self.reason}", self.hint, self.per_worker]
        return "\n".join(line for line in lines if line)


class RecentQuery:
    """A query of this process that runs or has run.

    Args:
        explanation: On which workers, and why.
    """

    def __init__(self, explanation: Explanation) -> None:
        self.explanation = explanation
        self._began = time.monotonic()

    def end(self, *, was_first: bool) -> None:
        """Keep the hint only if the query took so long that it matters.

        Args:
            was_first: Whether the query had to wait for its workers to start.
        """
        if not _core.is_worth_a_hint(time.monotonic() - self._began, was_first):
            self.explanation = replace(self.explanation, hint=None)


# The last queries of this process, the latest last.
RECENT: collections.deque[RecentQuery] = collections.deque(maxlen=_REMEMBERED)
