"""How many workers of how many are up is shown while they start, where Daft shows its own progress."""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from protoplast.driver import progress
from protoplast.driver.progress import THREAD_NAME, Progress
from protoplast.runner.messages import StartupProgress
from tests.support.process import RAY_RUNNER, run_command

CPUS = 4


class FakeBar:
    """Stands in for Ray's tqdm, and keeps what it shows."""

    def __init__(self, total: int, desc: str) -> None:
        self.total = total
        self.count = 0
        self.shown = [desc]
        self.is_open = True

    def set_description(self, text: str) -> None:
        self.shown.append(text)

    def update(self, more: int) -> None:
        self.count += more

    def close(self) -> None:
        self.is_open = False


class FakeRunner:
    """Answers with one of its answers after the other, and with the last from then on."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked = 0
        self.all_given = threading.Event()
        self.bars: list[FakeBar] = []
        self.ray = SimpleNamespace(is_initialized=lambda: True, wait=self.wait, get=self.get)

    def ask(self) -> Any:
        self.asked += 1
        if len(self.answers) > 1:
            return self.answers.pop(0)
        self.all_given.set()
        return self.answers[0]

    def wait(self, references: list[Any], timeout: float) -> tuple[list[Any], list[Any]]:
        return ([], references) if references == ["no answer"] else (references, [])

    def get(self, answer: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    def bar(self, **arguments: Any) -> FakeBar:
        self.bars.append(FakeBar(**arguments))
        return self.bars[-1]

    def progress(self) -> Progress:
        return Progress(self.ray, self.ask, lambda: self.bar)

    def wait_until_all_given(self) -> None:
        assert self.all_given.wait(20)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "INTERVAL_S", 0.001)


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == THREAD_NAME]


def test_a_bar_counts_until_all_are_up() -> None:
    none, half, all_up = (
        StartupProgress(0, 0, True),
        StartupProgress(2, 4, True),
        StartupProgress(4, 4, False),
    )
    runner = FakeRunner(none, half, all_up)
    shows = runner.progress()
    with shows.shown():
        runner.wait_until_all_given()
    (bar,) = runner.bars
    assert bar.shown == ["0/4 workers up", "2/4 workers up", "4/4 workers up"]
    assert (bar.total, bar.count, bar.is_open) == (4, 4, False)
    with shows.shown():
        assert threads() == []
    assert runner.asked == 3, "nobody is asked once all are up"


def test_workers_that_cannot_start_are_not_waited_for() -> None:
    runner = FakeRunner(StartupProgress(0, 4, True), StartupProgress(3, 4, False))
    with runner.progress().shown():
        runner.wait_until_all_given()
    assert runner.bars[0].shown[-1] == "3/4 workers up"
    assert not runner.bars[0].is_open


@pytest.mark.parametrize(
    "answers",
    [[StartupProgress(0, 1, True)], [StartupProgress(4, 4, False)], [StartupProgress(0, 0, False)]],
)
def test_no_bar_for_one_worker_or_none_to_come(answers: list[StartupProgress]) -> None:
    runner = FakeRunner(*answers)
    with runner.progress().shown():
        runner.wait_until_all_given()
    assert runner.bars == []
    assert runner.asked == 1


def test_the_end_of_the_query_is_seen_as_it_is_then() -> None:
    # The last answer is asked for when the query has ended.
    runner = FakeRunner(StartupProgress(0, 4, True))
    with runner.progress().shown():
        runner.wait_until_all_given()
        runner.answers = [StartupProgress(4, 4, True)]
    assert runner.bars[0].shown[-1] == "4/4 workers up"
    assert not runner.bars[0].is_open


def test_an_error_of_the_query_leaves_nothing_open() -> None:
    runner = FakeRunner(StartupProgress(0, 4, True))
    shows = runner.progress()

    def failing_query() -> None:
        with shows.shown():
            runner.wait_until_all_given()
            raise ValueError("of the query")

    with pytest.raises(ValueError, match="of the query"):
        failing_query()
    assert not runner.bars[0].is_open
    assert threads() == []
    runner.answers = [StartupProgress(4, 4, False)]
    runner.all_given.clear()
    with shows.shown():
        runner.wait_until_all_given()


@pytest.mark.parametrize("answer", [RuntimeError("the runner died"), "no answer"])
def test_a_runner_that_does_not_answer_is_not_of_the_query(answer: Any) -> None:
    runner = FakeRunner(StartupProgress(1, 4, True), answer)
    with runner.progress().shown():
        runner.wait_until_all_given()
    assert [bar.is_open for bar in runner.bars] == [False]
    assert threads() == []


def test_nobody_is_asked_where_bars_are_off() -> None:
    runner = FakeRunner(StartupProgress(0, 4, True))
    off = Progress(runner.ray, runner.ask, lambda: None)
    for _ in range(2):
        with off.shown():
            assert threads() == []
    assert runner.asked == 0


def test_of_queries_side_by_side_one_shows_it() -> None:
    runner = FakeRunner(StartupProgress(0, 4, True))
    shows = runner.progress()
    with shows.shown(), shows.shown():
        runner.wait_until_all_given()
        assert len(threads()) == 1
    assert len(runner.bars) == 1


def open_bars() -> int:
    """Count the bars of this process's own."""
    import os

    from ray.experimental import tqdm_ray

    groups = tqdm_ray.instance().bar_groups.items()
    return sum(len(group.bars_by_uuid) for (_, pid), group in groups if pid == os.getpid())


def query(layout: str) -> None:
    """Run a query."""
    import ray

    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from tests.support.queries import ROWS, rows_by_process

    ray.init(num_cpus=CPUS, include_dashboard=False)
    apply_flotilla_patches(layout)
    assert sum(rows_by_process().values()) == ROWS
    assert (threads(), open_bars()) == ([], 0)


def failing_queries() -> None:
    """Run one that fails in its own code, and one whose runner dies while its workers start."""
    import daft
    import ray

    from protoplast import RunnerDiedError
    from protoplast.driver.fleets import FLEETS
    from protoplast.patches.daft_flotilla import apply_flotilla_patches, rollback_flotilla_patches
    from tests.support.fault_queries import wait_for
    from tests.support.queries import rows_by_process

    ray.init(num_cpus=CPUS, include_dashboard=False)
    apply_flotilla_patches()

    @daft.func(return_dtype=daft.DataType.int64())
    def fails(_row: int) -> int:
        raise ValueError("of the query")

    with pytest.raises(Exception, match="of the query"):
        daft.from_pydict({"a": [1]}).select(fails(daft.col("a"))).collect()
    assert (threads(), open_bars()) == ([], 0)

    rollback_flotilla_patches()
    apply_flotilla_patches()

    def kill_runner() -> None:
        assert wait_for(open_bars), "the workers of the second fleet were up before"
        (fleet,) = FLEETS.live()
        ray.kill(fleet._flotilla_runner.runner)

    killer = threading.Thread(target=kill_runner)
    killer.start()
    with pytest.raises(RunnerDiedError):
        rows_by_process()
    killer.join()
    assert (threads(), open_bars()) == ([], 0)


def output(call: str, folder: Path, environment: Mapping[str, str]) -> str:
    script = f"from {__name__} import query, failing_queries; {call}"
    everything = {**RAY_RUNNER, "RAY_TMPDIR": str(folder), **environment}
    return run_command([sys.executable, "-c", script], everything, timeout=120)


@pytest.mark.chaos
def test_workers_on_their_way_are_counted(short_tmp_path: Path) -> None:
    shown = output("query('per-core')", short_tmp_path, {"DAFT_PROGRESS_BAR": "1"})
    assert "4/4 workers up" in shown


def test_workers_that_start_beside_a_query_are_counted(short_tmp_path: Path) -> None:
    call = "query('per-core,startup=progressive')"
    assert "/4 workers up" in output(call, short_tmp_path, {"DAFT_PROGRESS_BAR": "1"})


@pytest.mark.chaos
@pytest.mark.parametrize(
    ("layout", "environment"),
    [
        ("per-core", {"DAFT_PROGRESS_BAR": "0"}),
        ("per-core", {"DAFT_PROGRESS_BAR": "1", "RAY_TQDM": "0"}),
        ("per-node", {"DAFT_PROGRESS_BAR": "1"}),
    ],
)
def test_no_bar_is_shown_if_bars_are_off_or_one_worker_starts(
    layout: str, environment: dict[str, str], short_tmp_path: Path
) -> None:
    text = output(f"query({layout!r})", short_tmp_path, environment)
    assert "workers up" not in text


@pytest.mark.chaos
def test_a_failed_query_leaves_no_bar_and_no_thread(short_tmp_path: Path) -> None:
    text = output("failing_queries()", short_tmp_path, {"DAFT_PROGRESS_BAR": "1"})
    assert "/4 workers up" in text
