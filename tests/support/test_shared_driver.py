"""Scenarios that share a driver do not meet what others have left, and none is held up by another."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import protoplast
from tests.support.shared_driver import Scenarios


@pytest.fixture(scope="module")
def own() -> Iterator[Scenarios]:
    """Drivers without a Ray, whose end disturbs no other test."""
    scenarios = Scenarios()
    yield scenarios
    scenarios.end()


def pid() -> int:
    return os.getpid()


def leaves_the_patch() -> int:
    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    apply_flotilla_patches()
    return os.getpid()


def is_patched() -> list[Any]:
    return [os.getpid(), protoplast.status().applied]


def test_the_patch_is_rolled_back_between_scenarios(own: Scenarios) -> None:
    process = own(pid)
    assert own(leaves_the_patch) == process
    assert own(is_patched) == [process, False]


def fails() -> None:
    raise ValueError("of the scenario")


def hangs() -> None:
    print("it hangs", flush=True)
    time.sleep(600)


def dies() -> None:
    os._exit(1)


def leaves_an_option() -> None:
    import daft

    daft.set_execution_config(default_morsel_size=7)


def leaves_an_edit_of_daft() -> None:
    import daft

    daft.DataFrame.compute = daft.DataFrame.collect


def leaves_an_edit_of_ours() -> None:
    from protoplast.driver import plan_reading

    plan_reading.ANSWER_TIMEOUT_S = 1.0


@pytest.mark.parametrize(
    ("scenario", "says"),
    [
        (fails, "ValueError: of the scenario"),
        (hangs, "not done within 2.0 s(.|\n)*it hangs"),
        (dies, "EOFError"),
        (leaves_an_option, "options of Daft's are set"),
        (leaves_an_edit_of_daft, "DataFrame.compute"),
        (leaves_an_edit_of_ours, "'ANSWER_TIMEOUT_S'. of protoplast.driver.plan_reading"),
    ],
)
def test_a_scenario_that_fails_or_leaves_something_takes_its_driver_with_it(
    scenario: Any, says: str, own: Scenarios
) -> None:
    process = own(pid)
    with pytest.raises(AssertionError, match=says):
        own(scenario, timeout=2.0 if scenario is hangs else 60.0)
    assert not Path("/proc", str(process)).exists()
    assert own(pid) != process
