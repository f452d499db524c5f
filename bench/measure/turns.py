"""Systems take turns: only one works at a time, in an order that is shuffled from round to round.

If the order only rotated, each system would always follow the same one, and meet what that still
cleans up.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from bench.measure.answers import AnswersDifferError, compare
from bench.processes.child import Answer
from bench.workloads.workload import Rows


class Footprint(NamedTuple):
    """What the models of a system cost.

    `processes` are those in which a model was called. `peak_mb` is the private memory of all processes
    of the system, or None if it could not be measured.
    """

    loads: int
    processes: int
    peak_mb: int | None


@dataclass(frozen=True)
class Turn:
    """The seconds of a system, and the CPU seconds of its Python code (0 if these were not counted).

    It has a footprint if the workload has models.
    """

    seconds: float
    python_s: float
    footprint: Footprint | None = None


Round = dict[str, Turn]
# Runs the systems in about the given order, in the round with the given number. Each answers with its
# `seconds`, the `rows` and, if they were counted, `python_s` and the fields of a footprint.
RunRound = Callable[[int, list[str]], Iterable[tuple[str, Answer]]]


def one_by_one(run: Callable[[str], Answer]) -> RunRound:
    """A round in which each system works until it has its answer."""
    return lambda _number, order: ((name, run(name)) for name in order)


def take_turns(
    what: str,
    names: Callable[[int], list[str]],
    rounds: Iterable[int],
    run: RunRound,
    is_sorted: bool,
) -> Iterator[Round]:
    """Time each system once a round, and compare every answer with the first.

    Args:
        what: The workload, for the error.
        names: The systems of a round.
        rounds: The numbers of the rounds; each has an order of its own.
        run: Runs a round.
        is_sorted: Rows must come in the same order.

    Yields:
        Each round when it is over.

    Raises:
        AnswersDifferError: Two answers differ.
    """
    expected: Rows | None = None
    for number in rounds:
        turns: Round = {}
        chosen = names(number)
        for name, answer in run(number, random.Random(number).sample(chosen, len(chosen))):
            if expected is None:
                expected = answer["rows"]
            try:
                compare(expected, answer["rows"], is_sorted)
            except AnswersDifferError as error:
                raise AnswersDifferError(f"{what}, {name}: {error}") from None
            turns[name] = turn_of(answer)
        yield {name: turns[name] for name in chosen}


def turn_of(answer: Answer) -> Turn:
    footprint = None
    if "loads" in answer:
        footprint = Footprint(answer["loads"], answer["processes"], answer.get("peak_mb"))
    return Turn(answer["seconds"], answer.get("python_s", 0.0), footprint)
