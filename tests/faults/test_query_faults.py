"""After a query ends half-way the next one runs, and what was collected stays or is named as lost."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.process import RAY_RUNNER, in_new_process
from tests.support.shared_driver import Scenarios

BYTES_A_ROW = 300_000


def named(error: BaseException) -> list[str]:
    return [type(error).__name__, str(error)]


def failure(attempt: Any) -> list[str]:
    try:
        return ["nothing failed", str(attempt())]
    except Exception as error:
        return named(error)


def runner_is_killed() -> Any:
    import daft
    import ray

    from protoplast.driver.fleets import FLEETS
    from protoplast.patches.daft_flotilla import apply_flotilla_patches, rollback_flotilla_patches
    from tests.support.fault_queries import Running, end_cluster, start_cluster

    cluster = start_cluster({"num_cpus": 1}, {"num_cpus": 2})

    @daft.func(return_dtype=daft.DataType.binary())
    def big(row: int) -> bytes:
        return bytes([row]) * BYTES_A_ROW

    def collected() -> Any:
        rows = daft.from_pydict({"row": list(range(6))}).into_partitions(3)
        return rows.with_column("big", big(daft.col("row"))).collect()

    apply_flotilla_patches("per-node")
    other_runner = collected()
    apply_flotilla_patches("per-core")
    lost = collected()

    running = Running(tasks=60, seconds=0.3)
    time.sleep(2)
    fleet = next(fleet for fleet in FLEETS.live() if str(fleet.layout) == "per-core")
    pid = ray.get(fleet.ask(lambda _: os.getpid()))
    began = time.monotonic()
    os.kill(pid, signal.SIGKILL)
    during = failure(running.did)
    seconds = time.monotonic() - began

    next_query = len(Running(6, 0.0).did())
    readers = {
        "to_pydict": lost.to_pydict,
        "iter_rows": lambda: list(lost.iter_rows()),
        "to_arrow_iter": lambda: list(lost.to_arrow_iter()),
        "a query": lambda: lost.select((daft.col("row") + 1).alias("next"), "big").collect(),
        "show": lambda: lost.show(2),
    }
    said = {name: failure(read) for name, read in readers.items()}
    assert sorted(other_runner.to_pydict()["row"]) == list(range(6))
    assert {len(value) for value in other_runner.to_pydict()["big"]} == {BYTES_A_ROW}
    assert len(Running(6, 0.0).did()) == 6, "a query on lost rows harms no other"
    rollback_flotilla_patches()
    assert len(Running(6, 0.0).did()) == 6
    end_cluster(cluster)
    return [during, seconds, next_query, said]


def test_a_killed_runner_is_named_and_the_next_query_has_another() -> None:
    during, seconds, next_query, said = in_new_process(runner_is_killed, environment=RAY_RUNNER)
    assert during[0] == "RunnerDiedError"
    assert "Run it again: the next query gets a new runner" in during[1]
    assert seconds < 15
    assert next_query == 6, "stock Daft never recovers"
    for name, (kind, text) in said.items():
        assert kind == "ResultLostError", (name, kind, text)
        assert "Collect the DataFrame that they belong to again" in text


def udf_fails(times: int) -> Any:
    import daft

    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from tests.support.fault_queries import Running, alive, slow_squares

    apply_flotilla_patches()

    @daft.func(return_dtype=daft.DataType.int64())
    def fails(row: int) -> int:
        time.sleep(0.2)
        if row == 5:
            raise ValueError("row 5 is not to our taste")
        return row

    df = daft.from_pydict({"row": list(range(9))}).into_partitions(9)
    df = df.with_column("same", fails(daft.col("row")))
    kept = slow_squares(6, 0.0).collect()
    before = alive()
    said = []
    for _ in range(times):
        said.append(failure(df.collect)[1])
        assert len(Running(6, 0.0).did()) == 6
    assert alive() == before, "an exception ends no worker"
    assert sorted(kept.to_pydict()["row"]) == list(range(6))
    return said


def test_a_udf_that_fails_ends_no_worker(scenarios: Scenarios) -> None:
    said = scenarios(udf_fails, 4, cpus=3)
    assert len(said) == 4
    for text in said:
        assert "row 5 is not to our taste" in text


def interrupt_when_it_runs(folder: str) -> None:
    while not list(Path(folder).iterdir()):
        time.sleep(0.1)
    time.sleep(1)
    os.kill(os.getpid(), signal.SIGINT)


def late(_signal: int, _frame: Any) -> None:
    raise TimeoutError


def take_word_of_it_slowly(patch: pytest.MonkeyPatch) -> None:
    """Have the runner learn late that a query is abandoned, so that the next one is ahead of it."""
    from protoplast.runner import calls as runner_calls

    def late(actor: Any, plan: str, writes: bool) -> None:
        # In the runner's process, where it is as it was.
        from protoplast.runner import calls as runner_calls

        time.sleep(1)
        runner_calls.abandon(actor, plan, writes)

    patch.setattr(runner_calls, "abandon", late)


def query_is_stopped(way: str, folder: str, seconds: float) -> Any:
    import gc

    import daft
    import ray

    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from tests.contract.test_lifecycle import wait_for_runners
    from tests.support.fault_queries import Running, alive, slow_squares

    apply_flotilla_patches()
    kept = slow_squares(6, 0.0).collect()
    before = alive()

    @daft.func(return_dtype=daft.DataType.int64())
    def mark(row: int) -> int:
        Path(folder, f"{row} has begun").touch()
        time.sleep(seconds)
        Path(folder, str(row)).touch()
        return row

    df = daft.from_pydict({"row": list(range(60))}).into_partitions(60)
    df = df.with_column("same", mark(daft.col("row")))
    said = ""
    if way != "abandoned":
        # A shell has its background jobs ignore it.
        signal.signal(signal.SIGINT, signal.default_int_handler if way == "Ctrl-C" else late)
        threading.Thread(target=interrupt_when_it_runs, args=[folder], daemon=True).start()
        try:
            df.collect()
        except (KeyboardInterrupt, TimeoutError, SystemError) as error:
            # CPython raises SystemError if it came within Ray's own code, in C.
            said = type(error.__cause__ or error).__name__
    else:
        with pytest.MonkeyPatch.context() as patch:
            take_word_of_it_slowly(patch)
            parts = df.iter_partitions()
            assert len(ray.get(next(parts))) == 1
            parts.close()
    assert len(Running(6, 0.0).did()) == 6
    marked = len(list(Path(folder).iterdir()))
    time.sleep(2)
    later = len(list(Path(folder).iterdir()))
    assert sorted(kept.to_pydict()["row"]) == list(range(6)), "and what was collected stays"
    after = alive()
    del kept
    gc.collect()
    assert wait_for_runners(1) == 1, "the runner of the query that was stopped has left"
    assert not set(after.values()) & set(before.values()), (before, after, marked, later)
    return [said, marked, later]


@pytest.mark.parametrize(
    ("way", "error"),
    [
        ("Ctrl-C", "KeyboardInterrupt"),
        pytest.param("what a handler raises", "TimeoutError", marks=pytest.mark.chaos),
    ],
)
def test_an_interrupted_query_stops_and_the_next_one_runs(
    way: str, error: str, scenarios: Scenarios, tmp_path: Path
) -> None:
    # Its tasks are long, so that it waits for one when its workers are ended.
    said, marked, later = scenarios(query_is_stopped, way, str(tmp_path), 3.0, cpus=3)
    assert said == error
    assert marked == later < 60, "on stock it runs on, and the next query waits for it"


def test_an_abandoned_iterator_stops_its_query(scenarios: Scenarios, tmp_path: Path) -> None:
    _, marked, later = scenarios(query_is_stopped, "abandoned", str(tmp_path), 0.5, cpus=3)
    assert marked == later < 60


def previews() -> Any:
    import daft

    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from tests.support.fault_queries import Running, alive

    apply_flotilla_patches()
    Running(4, 0.0).did()
    before = alive()
    # Stock Daft waits for ever on a limit over partitions that were not collected.
    df = daft.from_pydict({"row": list(range(40))}).into_partitions(8).collect()
    for _ in range(5):
        df.with_column("next", daft.col("row") + 1).show(3)
        next(iter(df.with_column("next", daft.col("row") + 1).iter_rows()))
        time.sleep(0.3)
    return [before, alive()]


@pytest.mark.chaos
def test_a_preview_keeps_the_workers(scenarios: Scenarios) -> None:
    """`show` reads a part of its query's answer; there is little left to stop."""
    before, after = scenarios(previews, cpus=2)
    assert before == after
