"""Results that reach the driver in batches are what they are on stock Daft, in fewer calls."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.shared_driver import Scenarios

MANY = 200


@contextmanager
def counted_calls() -> Iterator[list[int]]:
    """Count the partitions that Daft's own driver code fetches."""
    from daft.runners.flotilla import FlotillaRunner

    calls = [0]
    original = FlotillaRunner.stream_plan

    def stream_plan(*args: Any) -> Any:
        stream = original(*args)
        while True:
            try:
                result = next(stream)
            except StopIteration as end:
                return end.value
            calls[0] += 1
            yield result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FlotillaRunner, "stream_plan", stream_plan)
        yield calls


def numbers(partitions: int) -> Any:
    import daft

    df = daft.from_pydict({"row": list(range(partitions))}).into_partitions(partitions)
    return df.with_column("next", daft.col("row") + 1)


def rows(df: Any) -> list[int]:
    found: list[int] = df.to_pydict()["row"]
    return found


def many_partitions() -> Any:
    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    apply_flotilla_patches()
    rows(numbers(2).collect())
    with counted_calls() as calls:
        df = numbers(MANY).collect()
        collected = calls[0]
        iterated = [part.to_pydict()["row"] for part in each_partition(numbers(MANY))]
    assert rows(df) == list(range(MANY))
    assert iterated == [[row] for row in range(MANY)]
    # The results serve another query, which the driver sends their references.
    assert sorted(rows(df.where("row >= 50").collect())) == list(range(50, MANY))
    assert len(list(df.iter_partitions())) == MANY
    assert len(df) == MANY
    return [collected, calls[0] - collected]


def each_partition(df: Any) -> Generator[Any, Any, None]:
    import ray

    for part in df.iter_partitions():
        yield ray.get(part)


def test_many_partitions_come_in_order_and_in_few_calls(scenarios: Scenarios) -> None:
    collected, iterated = scenarios(many_partitions, cpus=2)
    assert collected < MANY / 2
    assert iterated < MANY


def small_results() -> Any:
    import daft

    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    apply_flotilla_patches()
    nothing = daft.from_pydict({"row": [1, 2, 3]}).where("row > 5").collect()
    none_at_all = list(daft.from_pydict({"row": [1]}).where("row > 5").iter_rows())
    return [rows(numbers(count).collect()) for count in (1, 2, 3)], rows(nothing), none_at_all


def test_few_partitions_and_empty_results_are_whole(scenarios: Scenarios) -> None:
    assert scenarios(small_results, cpus=2) == [[[0], [0, 1], [0, 1, 2]], [], []]


def slow_after(folder: str) -> Any:
    import daft

    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    apply_flotilla_patches()
    rows(numbers(2).collect())

    @daft.func(return_dtype=daft.DataType.int64())
    def waits(row: int) -> int:
        deadline = time.monotonic() + 60
        while row > 0 and not Path(folder, "go").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        return row

    df = daft.from_pydict({"row": [0, 1]}).into_partitions(2)
    parts = each_partition(df.with_column("same", waits(daft.col("row"))))
    # Nothing but this lets the second task end.
    first = next(parts).to_pydict()["row"]
    Path(folder, "go").touch()
    return [first, [part.to_pydict()["row"] for part in parts]]


def test_the_first_partition_is_seen_before_the_second_task_ends(
    scenarios: Scenarios, tmp_path: Path
) -> None:
    began = time.monotonic()
    assert scenarios(slow_after, str(tmp_path), cpus=2) == [[0], [[1]]]
    assert time.monotonic() - began < 60


def failing_half_way() -> Any:
    import daft

    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    @daft.func(return_dtype=daft.DataType.int64())
    def fails(row: int) -> int:
        if row == 6:
            # Daft may raise at once, and the task of row 5 runs at the same time.
            time.sleep(1.0)
            raise ValueError("row 6 is not to our taste")
        return row

    def seen() -> list[Any]:
        df = daft.from_pydict({"row": list(range(9))}).into_partitions(9)
        found: list[int] = []
        try:
            for part in each_partition(df.with_column("same", fails(daft.col("row")))):
                found += part.to_pydict()["row"]
        except Exception as error:
            told = "row 6 is not to our taste" in str(error)
            return [found, type(error).__name__, told, "raise ValueError" in str(error)]
        return [found, "no error"]

    stock = seen()
    apply_flotilla_patches("per-node")
    return [stock, seen(), rows(numbers(3).collect())]


def test_partitions_before_an_error_come_first_as_on_stock(scenarios: Scenarios) -> None:
    stock, ours, after = scenarios(failing_half_way, cpus=2)
    assert stock[0] == list(range(6))
    assert stock[2]
    assert ours == stock
    assert after == [0, 1, 2]


def left_half_way() -> Any:
    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    apply_flotilla_patches()
    answers = []
    for partitions in (1, 2, 5, 20):
        parts = each_partition(numbers(40))
        for _ in range(partitions):
            next(parts)
        parts.close()
        answers.append(rows(numbers(4).collect()))
    thrown = each_partition(numbers(40))
    next(thrown)
    with pytest.raises(ZeroDivisionError):
        thrown.throw(ZeroDivisionError())
    return [*answers, rows(numbers(4).collect())]


def test_a_query_that_is_left_half_way_harms_no_other(scenarios: Scenarios) -> None:
    assert scenarios(left_half_way, cpus=2) == [[0, 1, 2, 3]] * 5


def two_at_once() -> Any:
    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    apply_flotilla_patches()
    rows(numbers(2).collect())
    answers: dict[str, list[int]] = {}

    def iterated() -> list[int]:
        return [row for part in each_partition(numbers(70)) for row in part.to_pydict()["row"]]

    def note(name: str, read: Callable[[], list[int]]) -> threading.Thread:
        thread = threading.Thread(target=lambda: answers.update({name: read()}))
        thread.start()
        return thread

    threads = [
        note("collected", lambda: rows(numbers(80).collect())),
        note("iterated", iterated),
    ]
    for thread in threads:
        thread.join(60)
    return [answers["collected"] == list(range(80)), answers["iterated"] == list(range(70))]


def test_two_queries_at_once_each_get_their_own(scenarios: Scenarios) -> None:
    assert scenarios(two_at_once, cpus=2) == [True, True]


def released() -> Any:
    import gc

    from protoplast.driver.fleets import FLEETS
    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from tests.support.fault_queries import wait_for

    apply_flotilla_patches("per-core")
    df = numbers(60).collect()
    (fleet,) = FLEETS.live()
    kept = fleet._tell(owned)
    assert rows(df) == list(range(60))
    part = next(df.iter_partitions())
    del df
    gc.collect()
    one_left = wait_for(lambda: 0 < fleet._tell(owned) < 20)
    assert part is not None
    del part
    gc.collect()
    return [kept >= 60, one_left, wait_for(lambda: fleet._tell(owned) < 3)]


def owned(_actor: Any) -> int:
    from protoplast.seams import ray as ray_seams
    from protoplast.seams import runner_actor

    runner_actor.release_dropped()
    return ray_seams.owned_objects()


def test_results_that_nobody_keeps_are_released(scenarios: Scenarios) -> None:
    assert scenarios(released, cpus=2) == [True, True, True]
