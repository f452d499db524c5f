"""Reads the names of operators from the text of a plan."""

from __future__ import annotations

import re

# An operator in the text of a plan: `* Project: a, b`, with lines before it that show the tree
# (`repr_ascii`, Daft 0.5.22 to 0.7.26).
_OPERATOR = re.compile(r"^[\s|\\/]*\* ([^:\n]+)", re.MULTILINE)

# Operators with these words in their names move rows between tasks, or end a query early.
_SHUFFLES = (
    *("shuffle", "exchange", "repartition", "into", "join", "sort", "window", "pivot"),
    *("aggregate", "groupby", "grouped", "distinct", "dedup"),
)
_LIMITS = ("limit", "topn")

# The most operators in a title.
_MOST = 6


def operators(text: str) -> list[str]:
    """Return the names of the operators of a plan, in the order of the rows.

    Args:
        text: The text of the plan.
    """
    return [name.strip() for name in _OPERATOR.findall(text)][::-1]


def title_of(names: list[str]) -> str:
    """Return a short title of a query.

    Args:
        names: Its operators, in the order of the rows.
    """
    shown = names if len(names) <= _MOST else [*names[: _MOST - 2], "...", names[-1]]
    return " -> ".join(shown) or "query"


def has_limit(names: list[str]) -> bool:
    """Return whether a query may end before its scans are read."""
    return _has(names, _LIMITS)


def has_shuffle(names: list[str]) -> bool:
    """Return whether a query may move rows between its tasks."""
    return _has(names, _SHUFFLES)


def _has(names: list[str], words: tuple[str, ...]) -> bool:
    return any(word in name.lower().replace(" ", "") for name in names for word in words)
