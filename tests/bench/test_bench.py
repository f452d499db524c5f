"""The bench takes turns, holds answers against each other, and states its ratios the right way round."""

from __future__ import annotations

import contextlib
import itertools
import os
import threading
import time
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from bench.measure.answers import AnswersDifferError, compare
from bench.measure.rounds import measure, rounds_left
from bench.measure.timings import WorkloadResult
from bench.measure.turns import Turn, one_by_one, take_turns
from bench.measure.until_failure import until_failure
from bench.options import PerFamily, parse
from bench.processes.child import ChildError
from bench.report import published
from bench.report.rounds_file import measured, write
from bench.report.summary import Figures, summarised
from bench.workloads import pace
from tests.support.process import in_new_process


def test_rows_in_another_order_are_the_same_unless_the_query_sorts() -> None:
    rows = [["a", 1, 2.0], ["b", 2, 3.0]]
    compare(rows, rows[::-1], is_sorted=False)
    with pytest.raises(AnswersDifferError, match=r"\['a', 1, 2.0\] and \['b', 2, 3.0\]"):
        compare(rows, rows[::-1], is_sorted=True)


def test_only_floats_may_differ_and_only_a_little() -> None:
    compare([[1.0]], [[1.0 + 1e-9]], is_sorted=True)
    for other in ([[1.0001]], [[None]], [["1.0"]], [[1.0, 1.0]], []):
        with pytest.raises(AnswersDifferError):
            compare([[1.0]], other, is_sorted=True)
    with pytest.raises(AnswersDifferError):
        compare([[10**9]], [[10**9 + 1]], is_sorted=True)


def test_the_order_is_shuffled_and_no_system_always_follows_the_same() -> None:
    order = []

    def run(name: str) -> Any:
        order.append(name)
        return {"seconds": 1.0, "python_s": 0.5, "rows": []}

    taken = list(
        take_turns("work", lambda _: ["a", "b", "c"], range(12), one_by_one(run), is_sorted=False)
    )
    assert taken == [dict.fromkeys("abc", Turn(1.0, 0.5))] * 12
    rounds = ["".join(order[first : first + 3]) for first in range(0, 36, 3)]
    assert all(sorted(turns) == ["a", "b", "c"] for turns in rounds)
    before = {pair for pair in itertools.pairwise(order) if pair[0] != pair[1]}
    assert len(before) == 6


def test_a_wrong_answer_ends_the_run() -> None:
    order = []

    def run(name: str) -> Any:
        order.append(name)
        is_wrong = name == "c" and order.count("c") == 3
        return {"seconds": 1.0, "rows": [[2 if is_wrong else 1]]}

    with pytest.raises(AnswersDifferError, match="work, c:"):
        list(
            take_turns(
                "work", lambda _: ["a", "b", "c"], range(3), one_by_one(run), is_sorted=False
            )
        )
    assert order.count("c") == 3


@pytest.mark.parametrize(
    ("ended_by", "said"),
    [(None, None), (KeyboardInterrupt(), "interrupted"), (ChildError("dask"), "error: dask")],
)
def test_what_was_measured_before_the_end_of_a_run_is_kept(
    ended_by: BaseException | None, said: str | None
) -> None:
    first = WorkloadResult("gil", "work", {"stock": [1.0]}, {})

    def results() -> Iterator[WorkloadResult]:
        yield first
        if ended_by is not None:
            raise ended_by

    kept: list[WorkloadResult] = []
    assert until_failure(results(), kept.append) == said
    assert kept == [first]


def test_more_than_one_is_faster() -> None:
    result = WorkloadResult(
        "gil", "work", {"stock": [4.0, 6.0, 5.0], "per-core": [2.5], "limit": [2]}, {}
    )
    summary = summarised(result)
    assert summary.times_stock("per-core") == 2
    assert summary.part_of_limit("per-core") == 0.8
    alone = WorkloadResult("gil", "work", {"native": [1.0]}, {})
    assert summarised(alone).times_stock("native") is None


def test_rounds_can_be_chosen_for_a_family() -> None:
    rounds = PerFamily.parse(3, "5,native=9")
    assert [rounds.of(family) for family in ("gil", "native")] == [5, 9]
    assert PerFamily.parse(3, "mixed=2").of("gil") == 3
    assert PerFamily.parse(0.0, "0.5").of("gil") == 0.5


def test_a_system_that_is_far_behind_takes_part_in_every_third_round() -> None:
    options = parse(["--seldom", "gil/dask,gil/stock"])
    rounds = [options.of_round(number, "gil", ["dask", "auto"]) for number in range(1, 5)]
    assert rounds == [["dask", "auto"], ["auto"], ["auto"], ["dask", "auto"]]
    assert options.of_round(2, "mixed", ["stock", "auto"]) == ["stock", "auto"]
    result = WorkloadResult("gil", "work", {}, {})
    for chosen in rounds:
        result = result.plus({name: Turn(1.0, 0.5) for name in chosen})
    assert {name: len(seconds) for name, seconds in result.seconds.items()} == {
        "dask": 2,
        "auto": 4,
    }
    assert result.rounds == 4
    with pytest.raises(SystemExit):
        parse(["--seldom", "gil/dusk"])


def test_seconds_are_told_as_if_the_python_code_had_always_been_as_fast() -> None:
    seconds = {"auto": [4.0, 2.0, 2.0], "limit": [1.5]}
    result = WorkloadResult("gil", "work", seconds, {"auto": [2.0, 1.0, 2.0], "limit": [1.0]})
    assert result.has_pace
    paced = result.at_one_pace()
    assert paced.seconds == {"auto": [2.0, 2.0, 1.0], "limit": [1.5]}
    assert summarised(paced).part_of_limit("auto") == 0.75
    assert summarised(result).systems["auto"] == Figures(2.0, 2.0, 4.0, 3, at_one_pace_s=2.0)
    assert not WorkloadResult("native", "q01", {"auto": [1.0]}, {"auto": [0.0]}).has_pace


def busy(seconds: float) -> None:
    """Count so many CPU seconds, and as many again that are not counted."""
    for block in (pace.python_code(), contextlib.nullcontext()):
        with block:
            until = time.thread_time() + seconds
            while time.thread_time() < until:
                pass


def counted_everywhere() -> float:
    with pace.counted():
        before = pace.spent()
        threads = [threading.Thread(target=busy, args=(0.2,)) for _ in range(2)]
        forked, spawned = get_context("fork"), get_context("spawn")
        processes = [how.Process(target=busy, args=(0.2,)) for how in (forked, spawned)]
        for one in (*processes, *threads):
            one.start()
        for one in (*processes, *threads):
            one.join()
        Path(os.environ[pace.VARIABLE], "just-made").touch()
        seconds = pace.spent() - before
    busy(0.01)  # Not counted, and no error.
    return seconds


def test_the_python_code_of_all_processes_and_threads_is_counted_and_stays_when_they_end() -> None:
    assert 0.8 <= in_new_process(counted_everywhere) < 1.0


def test_a_run_goes_on_from_its_results_under_the_same_conditions_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The other systems are not installed where tests run.
    monkeypatch.setattr("bench.report.rounds_file.versions", dict)
    options = parse(["--results", str(tmp_path), "--rounds", "5"])
    assert measured(options) == []
    seconds = {"stock": [1.25, 2.5], "limit": [1.0]}
    first = WorkloadResult("gil", "work", seconds, {"stock": [0.5, 1.0], "limit": [1.0]})
    write([first], options)
    assert measured(options) == [first]
    more_rounds = parse(["--results", str(tmp_path), "--rounds", "6"])
    assert measured(more_rounds) == [first]
    with pytest.raises(SystemExit, match="of other options"):
        measured(parse(["--results", str(tmp_path), "--systems", "stock"]))


def test_what_is_published_is_a_line_for_each_workload_and_reads_back(tmp_path: Path) -> None:
    file = tmp_path / "gil.json"
    counted = {"stock": [1.5, 1.0, 1.25], "limit": [1.0]}
    results = [
        summarised(
            WorkloadResult("gil", "one", {"stock": [3.0, 1.0, 2.00001], "limit": [1.0]}, counted)
        ),
        summarised(WorkloadResult("gil", "other", {"stock": [1.0]}, {"stock": [0.0]})),
    ]
    published.write(file, results, {"date": "today"})
    assert file.read_text().splitlines()[2:4] == [
        '{"family": "gil", "name": "one", "systems": {"stock": [2.0, 1.0, 3.0, 3, 1.6],'
        ' "limit": [1.0, 1.0, 1.0, 1, 1.0]}},',
        '{"family": "gil", "name": "other", "systems": {"stock": [1.0, 1.0, 1.0, 1, null]}}',
    ]
    assert published.read(file)[1] == results[1]
    assert published.read(file)[0].systems["stock"].max_s == 3.0


def test_rounds_of_a_workload_that_was_cut_off_are_kept_and_the_rest_is_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken: list[int] = []

    def rounds_of(_name: str, rounds: range, *_: object) -> Iterator[dict[str, Turn]]:
        for number in rounds:
            if number == 3 and 3 not in taken:
                taken.append(3)
                raise KeyboardInterrupt
            taken.append(number)
            yield {"stock": Turn(float(number), 0.5)}

    monkeypatch.setattr("bench.measure.cold.measure", rounds_of)
    options = parse(["--only", "cold/4_cpus", "--rounds", "4"])
    kept: dict[str, WorkloadResult] = {}

    def keep(result: WorkloadResult) -> None:
        kept[result.path] = result

    assert until_failure(measure({}, {}, options), keep) == "interrupted"
    assert kept["cold/4_cpus"].seconds == {"stock": [1.0, 2.0]}
    assert rounds_left("cold/4_cpus", options, kept) == range(3, 5)
    assert until_failure(measure({}, dict(kept), options), keep) is None
    assert kept["cold/4_cpus"].seconds == {"stock": [1.0, 2.0, 3.0, 4.0]}
    assert kept["cold/4_cpus"].python_s == {"stock": [0.5] * 4}
    assert taken == [1, 2, 3, 3, 4]
    assert list(measure({}, dict(kept), options)) == []
