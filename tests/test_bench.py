"""The bench takes turns, holds answers against each other, and states its ratios the right way round."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.answers import AnswersDifferError, compare
from bench.child import ChildError
from bench.measuring import measure, rounds_left
from bench.options import PerFamily, parse
from bench.quiet import QuietTurns
from bench.results_file import measured, write
from bench.summary import WorkloadResult
from bench.turns import Turn, one_by_one, take_turns
from bench.until_failure import until_failure
from bench.watch import Watch
from tests.process import in_new_process


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
        return {"seconds": 1.0, "speed": 0.5, "rows": []}

    taken = list(take_turns("work", ["a", "b", "c"], range(12), one_by_one(run), is_sorted=False))
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
        return {"seconds": 1.0, "speed": 0.5, "rows": [[2 if is_wrong else 1]]}

    with pytest.raises(AnswersDifferError, match="work, c:"):
        list(take_turns("work", ["a", "b", "c"], range(3), one_by_one(run), is_sorted=False))
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
    assert result.times_stock("per-core") == 2
    assert result.part_of_limit("per-core") == 0.8
    assert WorkloadResult("gil", "work", {"native": [1.0]}, {}).times_stock("native") is None


def test_rounds_can_be_chosen_for_a_family() -> None:
    rounds = PerFamily.parse(3, "5,native=9")
    assert [rounds.of(family) for family in ("gil", "native")] == [5, 9]
    assert PerFamily.parse(3, "mixed=2").of("gil") == 3
    assert PerFamily.parse(0.0, "0.5").of("gil") == 0.5


class Readings:
    """Says in turn how long the piece of work took on two cores; the last reading for ever."""

    def __init__(self, *readings: tuple[float, float]) -> None:
        self.readings = list(readings)

    def look(self, _seconds: float) -> list[float]:
        return list(self.readings.pop(0) if len(self.readings) > 1 else self.readings[0])

    def mark(self) -> list[float]:
        return []

    def since(self, _mark: list[float]) -> list[float]:
        return self.look(0)


QUIET, NOISY, NOISIER = (1.0, 1.0), (1.0, 2.0), (2.0, 2.0)


def quiet_turns(*readings: tuple[float, float]) -> QuietTurns:
    return QuietTurns(Readings(*readings), 0.9)


def answers(*names: str) -> Callable[[], dict[str, Any]]:
    left = iter(names)
    return lambda: {"name": next(left)}


def test_a_turn_waits_until_it_is_quiet_and_is_run_again_if_it_did_not_stay_so() -> None:
    quiet = quiet_turns(QUIET, NOISY, QUIET, NOISY, QUIET, (1.25, 1.0), NOISIER)
    assert quiet.is_quiet()
    run = answers("noisy", "quiet")
    assert quiet.take(run, patience=60) == {"name": "quiet", "speed": 0.9}
    assert quiet.summary() == {"shortest": 1.0, "turns": 1, "noisy": 0, "again": 1}


def test_when_patience_ends_the_quietest_run_counts_and_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = iter([0, 1, 2])
    monkeypatch.setattr("bench.quiet.time.monotonic", lambda: next(clock))
    quiet = quiet_turns(QUIET, NOISY, QUIET, NOISIER)
    run = answers("noisy", "noisier")
    assert quiet.take(run, patience=2) == {"name": "noisy", "speed": 0.75}
    assert quiet.summary() == {"shortest": 1.0, "turns": 1, "noisy": 1, "again": 1}


def test_without_patience_the_speed_is_told_and_nothing_waits() -> None:
    quiet = quiet_turns(QUIET, NOISIER)
    assert quiet.is_quiet()
    assert quiet.take(answers("noisy"), patience=0) == {"name": "noisy", "speed": 0.5}
    assert quiet.summary() == {"shortest": 1.0, "turns": 0, "noisy": 0, "again": 0}


def test_seconds_at_half_of_the_speed_are_half_as_many_at_full_speed() -> None:
    seconds = {"auto": [4.0, 2.0, 2.0], "limit": [1.5]}
    speeds = {"auto": [0.5, 1.0, 0.5], "limit": [1.0]}
    full = WorkloadResult("gil", "work", seconds, speeds).at_full_speed()
    assert full.seconds == {"auto": [2.0, 2.0, 1.0], "limit": [1.5]}
    assert full.part_of_limit("auto") == 0.75


def watching() -> list[float]:
    watch = Watch(cpus=2)
    seconds = [*watch.since(watch.mark()), *watch.look(0.01)]
    assert all(pieces >= 2 for pieces in watch.mark()[len(watch.cores) :])
    return seconds


def test_a_watch_sees_how_long_its_work_takes_on_each_core() -> None:
    seconds = in_new_process(watching)
    assert 0 < min(seconds) <= max(seconds) < 1


def test_the_shortest_time_is_known_to_later_runs(tmp_path: Path) -> None:
    file = tmp_path / "shortest"
    quiet = quiet_turns(QUIET)
    quiet.know_shortest(file)
    assert quiet.is_quiet()
    quiet.keep_shortest(file)
    later = quiet_turns(NOISIER)
    later.know_shortest(file)
    assert later.shortest == 1.0
    assert not later.is_quiet()


def test_a_run_goes_on_from_its_results_under_the_same_conditions_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The other systems are not installed where tests run.
    monkeypatch.setattr("bench.results_file.versions", dict)
    options = parse(["--results", str(tmp_path), "--rounds", "5"])
    quiet = quiet_turns(QUIET)
    assert measured(options, quiet) == []
    seconds = {"stock": [1.25, 2.5], "limit": [1.0]}
    first = WorkloadResult("gil", "work", seconds, {"stock": [0.5, 1.0], "limit": [1.0]})
    quiet.take(dict, patience=1)
    write([first], options, quiet)

    later = quiet_turns(QUIET)
    assert measured(options, later) == [first]
    assert later.summary() == quiet.summary() == {"shortest": 1, "turns": 1, "noisy": 0, "again": 0}
    more_rounds = parse(["--results", str(tmp_path), "--rounds", "6"])
    assert measured(more_rounds, later) == [first]
    with pytest.raises(SystemExit, match="of other options"):
        measured(parse(["--results", str(tmp_path), "--systems", "stock"]), later)


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

    monkeypatch.setattr("bench.cold.measure", rounds_of)
    options = parse(["--only", "cold/4_cpus", "--rounds", "4"])
    quiet = quiet_turns(QUIET)
    kept: dict[str, WorkloadResult] = {}

    def keep(result: WorkloadResult) -> None:
        kept[result.path] = result

    assert until_failure(measure({}, {}, options, quiet), keep) == "interrupted"
    assert kept["cold/4_cpus"].seconds == {"stock": [1.0, 2.0]}
    assert rounds_left("cold/4_cpus", options, kept) == range(3, 5)
    assert until_failure(measure({}, dict(kept), options, quiet), keep) is None
    assert kept["cold/4_cpus"].seconds == {"stock": [1.0, 2.0, 3.0, 4.0]}
    assert kept["cold/4_cpus"].speeds == {"stock": [0.5] * 4}
    assert taken == [1, 2, 3, 3, 4]
    assert list(measure({}, dict(kept), options, quiet)) == []
