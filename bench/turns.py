"""Systems take turns: only one works at a time, in an order that is shuffled from round to round.

One that only rotated would leave each system the same one before it, and what that still cleans up.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from bench.answers import AnswersDifferError, compare
from bench.workloads.workload import Rows

Timings = dict[str, list[float]]
# Of 1, which the machine has when nobody else slows it down.
Speeds = dict[str, list[float]]


def take_turns(
    what: str, names: list[str], rounds: int, run: Callable[[str], Any], is_sorted: bool
) -> tuple[Timings, Speeds]:
    """Time each system once a round, and hold every answer against the first.

    Returns:
        For each system its seconds, and the machine's speed while it ran.

    Raises:
        AnswersDifferError: Two answers differ.
    """
    timings: Timings = {name: [] for name in names}
    speeds: Speeds = {name: [] for name in names}
    expected: Rows | None = None
    for number in range(rounds):
        for name in random.Random(number).sample(names, len(names)):
            answer = run(name)
            if expected is None:
                expected = answer["rows"]
            try:
                compare(expected, answer["rows"], is_sorted)
            except AnswersDifferError as error:
                raise AnswersDifferError(f"{what}, {name}: {error}") from None
            timings[name].append(answer["seconds"])
            speeds[name].append(answer["speed"])
    return timings, speeds
