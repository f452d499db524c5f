"""The last queries of this process: which workers each ran on, and why."""

from __future__ import annotations

import collections
import logging
import time
from dataclasses import dataclass, replace

from protoplast import _core
from protoplast.driver.python_code.learned import LEARNED

logger = logging.getLogger(__name__)

# How many of the last queries are remembered.
_REMEMBERED = 10


@dataclass(frozen=True)
class Explanation:
    """Which workers a query runs on, and why. `str()` gives a line for each fact.

    Args:
        layout: The layout of the workers that the query runs on.
        asked: The layout that you asked for: the one in force, or the one that `explain` was given.
        reason: Why the query runs on these workers, in one sentence.
        hint: Why some worker slots have no task, and how to give them one. None if every slot has a
            task, or if the query ended so soon that more tasks would have saved no time.
        per_worker: Which of Daft's limits every worker has for itself, because protoplast cannot divide
            them among the workers of a node. None if there are none.
        cost: Why each slot gets fewer than ten tasks: what it would cost to hand out more. None if each
            gets ten, or if the scans keep their tasks.
        instances: What the query, or an earlier one with the same classes, has shown of the instances of
            its class UDFs: what each takes, and how many workers have it.
    """

    layout: _core.Layout
    asked: _core.Layout
    reason: str
    hint: str | None
    per_worker: str | None = None
    cost: str | None = None
    instances: tuple[str, ...] = ()

    @classmethod
    def of(cls, asked: _core.Layout, decision: _core.Decision) -> Explanation:
        """Return the explanation of a decision.

        Args:
            asked: The layout that was asked for.
            decision: The decision.
        """
        return cls(
            decision.layout,
            asked,
            decision.reason,
            decision.hint,
            decision.per_worker,
            decision.cost,
            tuple(LEARNED.lines(decision.python_code)),
        )

    def __str__(self) -> str:
        lines = [f"runs on '{self.layout}': {self.reason}", self.cost, self.hint, self.per_worker]
        lines += self.instances
        return "\n".join(line for line in lines if line)


class RecentQuery:
    """A query of this process that runs or has run.

    Args:
        explanation: Which workers it runs on, and why.
    """

    def __init__(self, explanation: Explanation) -> None:
        self.explanation = explanation
        self._began = time.monotonic()

    def ran_in_tasks(self, why: str) -> None:
        """Note that one worker was to run the query and could not.

        Args:
            why: Why it could not.
        """
        reason = f"{self.explanation.reason}; but it ran in tasks, because {why}"
        self.explanation = replace(self.explanation, reason=reason)

    def end(self, *, was_first: bool, instances: tuple[str, ...]) -> None:
        """Note what the query has shown, and drop the hint if the query ended too soon for it to matter.

        Args:
            was_first: Whether the query had to wait for its workers to start.
            instances: What it has shown of the instances of its class UDFs.
        """
        if instances:
            self.explanation = replace(self.explanation, instances=instances)
            for line in instances:
                logger.info("layout %s: %s", self.explanation.layout, line)
        if not _core.is_worth_a_hint(time.monotonic() - self._began, was_first):
            self.explanation = replace(self.explanation, hint=None)


# The last queries of this process, the latest last.
RECENT: collections.deque[RecentQuery] = collections.deque(maxlen=_REMEMBERED)
