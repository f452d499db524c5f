"""The bench takes turns, holds answers against each other, and states its ratios the right way round."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.answers import AnswersDifferError, compare
from bench.child import ChildError
from bench.options import PerFamily, parse
from bench.quiet import QuietTurns
from bench.results_file import finished, write
from bench.summary import WorkloadResult
from bench.turns import take_turns
from bench.until_failure import until_failure


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
        return {"seconds": 1.0, "rows": []}

    timings = take_turns("work", ["a", "b", "c"], 12, run, is_sorted=False)
    assert {name: len(seconds) for name, seconds in timings.items()} == {"a": 12, "b": 12, "c": 12}
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
        take_turns("work", ["a", "b", "c"], 3, run, is_sorted=False)
    assert order.count("c") == 3


@pytest.mark.parametrize(
    ("ended_by", "said"),
    [(None, None), (KeyboardInterrupt(), "interrupted"), (ChildError("dask"), "error: dask")],
)
def test_what_was_measured_before_the_end_of_a_run_is_kept(
    ended_by: BaseException | None, said: str | None
) -> None:
    first = WorkloadResult("gil", "work", {"stock": [1.0]})

    def measured() -> Iterator[WorkloadResult]:
        yield first
        if ended_by is not None:
            raise ended_by

    kept: list[WorkloadResult] = []
    assert until_failure(measured(), kept.append) == said
    assert kept == [first]


def test_more_than_one_is_faster() -> None:
    result = WorkloadResult(
        "gil", "work", {"stock": [4.0, 6.0, 5.0], "per-core": [2.5], "limit": [2]}
    )
    assert result.times_stock("per-core") == 2
    assert result.part_of_limit("per-core") == 0.8
    assert WorkloadResult("gil", "work", {"native": [1.0]}).times_stock("native") is None


def test_rounds_can_be_chosen_for_a_family() -> None:
    rounds = PerFamily.parse(3, "5,native=9")
    assert [rounds.of(family) for family in ("gil", "native")] == [5, 9]
    assert PerFamily.parse(3, "mixed=2").of("gil") == 3


def test_a_turn_waits_until_it_is_quiet_and_is_run_again_if_it_did_not_stay_so() -> None:
    readings = iter([1.0, 1.5, 1.1, 1.6, 1.0, 1.2])
    runs = iter(["noisy", "quiet"])
    quiet = QuietTurns(lambda: next(readings), 1.2)
    quiet.is_quiet()
    assert quiet.take(lambda: next(runs), patience=60) == "quiet"
    assert not list(readings)
    assert not list(runs)
    assert quiet.summary() == {"shortest": 1.0, "turns": 1, "noisy": 0, "again": 1}


def test_when_patience_ends_a_noisy_turn_counts_and_is_told() -> None:
    quiet = QuietTurns(lambda: 2.0, 1.2)
    quiet.shortest = 1.0
    assert quiet.take(lambda: "noisy", patience=0.01) == "noisy"
    assert quiet.summary()["noisy"] == 1


def test_without_patience_nothing_is_measured_beside_the_turns() -> None:
    def fails() -> float:
        raise AssertionError

    assert QuietTurns(fails, 1.2).take(lambda: "answer", patience=0) == "answer"


def test_a_run_goes_on_from_its_results_under_the_same_conditions_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The other systems are not installed where tests run.
    monkeypatch.setattr("bench.results_file.versions", dict)
    options = parse(["--results", str(tmp_path), "--rounds", "5"])
    quiet = QuietTurns(lambda: 1.0, 1.2)
    assert finished(options, quiet) == []
    first = WorkloadResult("gil", "work", {"stock": [1.25, 2.5], "limit": [1.0]})
    quiet.take(lambda: None, patience=1)
    write([first], options, quiet)

    later = QuietTurns(lambda: 1.0, 1.2)
    assert finished(options, later) == [first]
    assert later.summary() == quiet.summary() == {"shortest": 1, "turns": 1, "noisy": 0, "again": 0}
    for other in (["--rounds", "6"], ["--rounds", "5", "--systems", "stock"]):
        with pytest.raises(SystemExit, match="of other options"):
            finished(parse(["--results", str(tmp_path), *other]), later)
