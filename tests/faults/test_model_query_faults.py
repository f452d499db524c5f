"""A query over a model ends half-way, and the next one loads the model again and runs."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.faults.model_queries import Attempt, Log, assert_squares, new_model, squares
from tests.support.shared_driver import Scenarios

# New workers start within this, in seconds, on a machine that is busy.
SOON_S = 30.0
# How long loading takes that nobody waits for, in seconds.
LONG_S = 60.0


def query_is_interrupted(folder: str, load_s: list[float], loads: int) -> Any:
    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from tests.contract.test_lifecycle import wait_for_runners
    from tests.support.fault_queries import alive, wait_for

    apply_flotilla_patches()
    log = Log(folder)
    model = new_model(log, load_s=load_s, call_s=0.2)

    def interrupt() -> None:
        wait_for(lambda: len(log.begun()) >= loads)
        time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGINT)

    # A shell has its background jobs ignore it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=interrupt, daemon=True).start()
    said = ""
    try:
        squares(model, 60).collect()
    except (KeyboardInterrupt, SystemError) as error:
        # CPython raises SystemError if it came within Ray's own code, in C.
        said = type(error.__cause__ or error).__name__
    begun = set(log.begun())
    began = time.monotonic()
    assert_squares(squares(model, 12).collect(), 12)
    seconds = time.monotonic() - began
    log.assert_loaded_once()
    assert not set(alive().values()) & begun, "the workers are new"
    assert wait_for_runners(1) == 1, "the runner of the query that was interrupted has left"
    return [said, len(begun), seconds]


@pytest.mark.parametrize(
    ("load_s", "loads"),
    [
        pytest.param([LONG_S, 0.2], 1, id="all tasks wait"),
        pytest.param([0.2, LONG_S, 0.2], 2, id="some tasks run"),
    ],
)
def test_after_ctrl_c_while_a_worker_loads_the_next_query_runs_soon(
    load_s: list[float], loads: int, scenarios: Scenarios, tmp_path: Path
) -> None:
    said, begun, seconds = scenarios(query_is_interrupted, str(tmp_path), load_s, loads, cpus=3)
    assert said == "KeyboardInterrupt"
    assert begun >= loads
    assert seconds < SOON_S


def iterator_is_abandoned(folder: str, tasks: int) -> Any:
    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from tests.contract.test_lifecycle import wait_for_runners
    from tests.support.fault_queries import wait_for

    apply_flotilla_patches()
    log = Log(folder)
    # One worker has the model, the other two load it, and all other tasks wait. On a slow machine these
    # two may have it as well before the query is abandoned.
    model = new_model(log, load_s=[0.2, LONG_S, LONG_S, 0.2], call_s=0.3)
    parts = squares(model, tasks).iter_partitions()
    next(parts)
    assert wait_for(lambda: len(log.begun()) == 3)
    parts.close()
    holders = set(log.called())
    assert_squares(squares(model, 6), 6)
    log.assert_loaded_once()
    called = log.called()
    time.sleep(1)
    assert log.called() == called, "the abandoned query has stopped"
    assert wait_for_runners(1) == 1, "the runner of the abandoned query has left"
    return [sum(worker in holders for worker in called), len(called)]


def test_an_abandoned_iterator_stops_the_tasks_that_wait_for_a_model(
    scenarios: Scenarios, tmp_path: Path
) -> None:
    before, called = scenarios(iterator_is_abandoned, str(tmp_path), 90, cpus=3)
    assert 0 < before < 90
    assert called == before + 6, "the next query has other workers"


def two_queries_at_once(folder: str, is_same: bool) -> Any:
    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from tests.support.fault_queries import Running, alive

    apply_flotilla_patches()
    Running(4, 0.0).did()
    before = alive()
    bad = new_model(Log(f"{folder}/bad"), call_s=0.2, fails_at=11)
    good_log = Log(f"{folder}/{'bad' if is_same else 'good'}")
    good = bad if is_same else new_model(good_log, call_s=0.2)

    failing = Attempt(squares(bad, 12).collect)
    running = Attempt(squares(good, 10).collect)
    error = failing.error()
    assert_squares(running.answer(), 10)
    good_log.assert_loaded_once()
    good_log.clear()
    assert_squares(squares(good, 6).collect(), 6)
    good_log.assert_loaded_once()
    assert alive() == before, "an exception ends no worker"
    return error


@pytest.mark.parametrize("is_same", [True, False])
def test_of_two_queries_at_once_one_fails_and_the_other_is_right(
    is_same: bool, scenarios: Scenarios, tmp_path: Path
) -> None:
    error = scenarios(two_queries_at_once, str(tmp_path), is_same, cpus=3)
    assert "row 11 is not to our taste" in error
