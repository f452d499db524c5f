"""Cuts turns into slices: in each slice one system works while the others are frozen.

A neighbour on the same silicon slows a machine for seconds or minutes. It may slow one whole turn and
not another, but it slows short slices of all systems alike. A frozen system that waits for a clock
finds its time gone by, so slices are not much shorter than a second.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from bench.processes.child import ANSWER_S, Answer, ChildError

Span = tuple[float, float]


class Party(Protocol):
    """A system that works only while it is thawed."""

    def thaw(self) -> None: ...

    def freeze(self) -> None: ...

    def send(self, question: Any) -> None: ...

    def receive(self, within: float) -> Answer | None: ...


def take_slices(
    parties: Mapping[str, Party], question: Any, slice_s: float, order: random.Random
) -> Iterator[tuple[str, Answer]]:
    """Ask all systems the same question, and let them work in slices, in a new order each time.

    Args:
        parties: The systems, all frozen.
        question: What they are asked.
        slice_s: The seconds of a slice.
        order: Chooses the orders.

    Yields:
        Each system's answer when it has it; `seconds` are those of its work in which it was thawed.

    Raises:
        ChildError: A system has not answered after `ANSWER_S` of work.
    """
    spans: dict[str, list[Span]] = {name: [] for name in parties}
    for party in parties.values():
        party.send(question)
    while spans:
        for name in order.sample(list(spans), len(spans)):
            began = time.monotonic()
            parties[name].thaw()
            answer = parties[name].receive(slice_s)
            parties[name].freeze()
            spans[name].append((began, time.monotonic()))
            if answer is not None:
                yield name, {**answer, "seconds": within(answer, spans.pop(name))}
            elif len(spans[name]) * slice_s > ANSWER_S:
                raise ChildError(f"{name} took more than {ANSWER_S:.0f} s for {question}")


def within(answer: Answer, spans: list[Span]) -> float:
    """Return how many seconds of an answer's work lie within the spans."""
    began: float = answer["began"]
    ended: float = answer["ended"]
    return sum(max(0.0, min(ended, end) - max(began, start)) for start, end in spans)
