"""To ask for the runner of a process takes nothing from a block that makes Ray the default."""

from __future__ import annotations

import os
import threading

import pytest

from protoplast.driver import runner_choice
from protoplast.driver.runner_choice import RayByDefault, other_runner
from protoplast.seams.daft import RAY_RUNNER_TYPE, RUNNER_VARIABLE


def test_what_asks_for_the_runner_takes_nothing_from_a_block(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`other_runner` sets the variable for a moment, beside a block that wants it for longer."""
    monkeypatch.delenv(RUNNER_VARIABLE, raising=False)
    asks, may_answer = threading.Event(), threading.Event()

    def slow_answer() -> str:
        asks.set()
        may_answer.wait(0.5)
        return RAY_RUNNER_TYPE

    monkeypatch.setattr(runner_choice, "runner_type", slow_answer)
    asking = threading.Thread(target=other_runner)
    asking.start()
    asks.wait()
    block = RayByDefault()
    block.want(True)
    may_answer.set()
    asking.join()
    assert os.environ.get(RUNNER_VARIABLE) == RAY_RUNNER_TYPE
    block.want(False)
    assert RUNNER_VARIABLE not in os.environ
