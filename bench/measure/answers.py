"""Checks that two systems gave the same answer."""

from __future__ import annotations

import math
from typing import Any

from bench.workloads.workload import Rows

# A sum of floats depends on the order of its terms.
RELATIVE = 1e-6


class AnswersDifferError(Exception):
    """Two systems gave different answers."""


def compare(one: Rows, other: Rows, is_sorted: bool) -> None:
    """Compare two answers, in any order of rows unless the query sorts.

    Raises:
        AnswersDifferError: They differ. The message has the first rows that differ.
    """
    if len(one) != len(other):
        raise AnswersDifferError(f"{len(one)} rows and {len(other)} rows")
    if not is_sorted:
        one, other = sorted(one, key=sort_key), sorted(other, key=sort_key)
    for left, right in zip(one, other, strict=True):
        if len(left) != len(right) or not all(map(is_same, left, right)):
            raise AnswersDifferError(f"{left} and {right}")


def sort_key(row: list[Any]) -> list[str]:
    """Return a key in which floats come last and are rounded, so that nearly equal rows sort alike."""
    texts = [str(value) for value in row if not isinstance(value, float)]
    return texts + [f"{value:.4e}" for value in row if isinstance(value, float)]


def is_same(left: Any, right: Any) -> bool:
    if isinstance(left, float) or isinstance(right, float):
        both_numbers = isinstance(left, int | float) and isinstance(right, int | float)
        return both_numbers and math.isclose(left, right, rel_tol=RELATIVE)
    return bool(left == right)
