"""A runner that was retired and still owns results serves the next block under its layout."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from protoplast import Layout
from protoplast.runner.retirement import Retirement
from tests.support.shared_driver import Scenarios

BLOCKS = 4


def blocks(folder: str) -> Any:
    import daft

    with daft.execution_config_ctx(default_morsel_size=10):
        return blocks_of_small_morsels(folder)


def blocks_of_small_morsels(folder: str) -> Any:
    import gc
    import signal

    from protoplast.driver.fleets import FLEETS
    from protoplast.patches.auto_patch import patched_daft
    from tests.contract.test_lifecycle import runners, wait_for_end, wait_for_runners
    from tests.queries.test_writes import interrupted, slow_rows
    from tests.support.fault_queries import slow_squares, wait_for

    layout = "cpus-per-worker=2"

    def block(rows: int = 6) -> Any:
        with patched_daft(layout):
            return slow_squares(rows, 0.0).collect()

    def pids(df: Any) -> set[int]:
        return {did["pid"] for did in df.to_pydict()["did"]}

    seen = []
    kept = [block(6 + index) for index in range(BLOCKS)]
    workers = [pids(df) for df in kept]
    seen.append(runners())
    assert sum(len(found) for found in workers) == len(set().union(*workers)), "each has its own"
    assert wait_for_end(set().union(*workers)), "and all have ended"

    # Another layout has a runner of its own, and within a block the same is used.
    with patched_daft("per-node"):
        kept.append(slow_squares(5, 0.0).collect())
        with patched_daft(layout):
            kept.append(slow_squares(5, 0.0).collect())
        seen.append(runners())
    for df, rows in zip(kept, [*range(6, 6 + BLOCKS), 5, 5], strict=True):
        assert sorted(df.to_pydict()["row"]) == list(range(rows)), "no result is lost"

    # What a query that was interrupted has left in a runner is not met by the next one.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    marks = Path(folder)
    with patched_daft(layout):
        slow = slow_rows(marks)
        interrupted(slow.collect, marks)
    del slow
    (stopped,) = [fleet for fleet in FLEETS._retired if fleet.was_interrupted]
    kept.append(block())
    assert FLEETS._retired[-1].layout == stopped.layout
    assert FLEETS._retired[-1] is not stopped
    del stopped
    del kept, df
    gc.collect()
    seen.append(wait_for_runners(0))

    # The next block comes while the runner of the last one leaves.
    answers = []
    for index in range(6):
        df = block()
        answers.append(len(df))
        del df
        gc.collect()
        time.sleep(0.15 * index)
    seen.append(wait_for_runners(0))
    assert wait_for(lambda: not FLEETS.live())
    return [seen, answers]


def test_blocks_share_a_runner(scenarios: Scenarios, tmp_path: Path) -> None:
    seen, answers = scenarios(blocks, str(tmp_path), cpus=2, timeout=170)
    assert seen == [1, 2, 0, 0]
    assert answers == [6] * 6


@pytest.fixture
def retire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Retires a runner without Ray; returns its retirement and what has happened so far."""
    owners: list[list[int]] = []

    def begin(owned: list[int], plans: dict[str, bool]) -> Any:
        happened: list[str] = []
        kill = lambda _actor, no_restart: happened.append(f"left {no_restart}")  # noqa: E731
        context = SimpleNamespace(current_actor=None)
        ray = SimpleNamespace(kill=kill, get_runtime_context=lambda: context, wait=None)
        monkeypatch.setitem(__import__("sys").modules, "ray", ray)
        module = "protoplast.runner.retirement"
        monkeypatch.setattr("protoplast.seams.ray.owned_objects", lambda: owned[0])
        monkeypatch.setattr(f"{module}._LEAVE_INTERVAL_S", 0.01)
        monkeypatch.setattr(f"{module}._LONGEST_LEAVE_INTERVAL_S", 0.01)
        monkeypatch.setattr("protoplast.seams.runner_actor.release_dropped", lambda: None)
        monkeypatch.setattr(f"{module}._cancel_calls", lambda: None)
        # Plans are not read, which could take for ever.
        actor = SimpleNamespace(curr_plans=dict.fromkeys(plans), curr_result_gens={})
        writing = {name for name, writes in plans.items() if writes}
        view: Any = SimpleNamespace(
            retire=lambda: happened.append("workers ended"), layout=Layout.per_core(), started=[]
        )
        owners.append(owned)
        retirement = Retirement()
        retirement.begin(actor, view, 0, writing)
        return retirement, happened, lambda term: retirement.begin(actor, view, term, writing)

    yield begin
    for owned in owners:
        owned[0] = 0
    for thread in threading.enumerate():
        if thread.name == "protoplast-retirement":
            thread.join(5)
            assert not thread.is_alive()


def has_come(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 5
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def test_a_retired_runner_serves_again_and_leaves_later(retire: Any) -> None:
    owned = [1]
    retirement, happened, begin = retire(owned, {})
    assert happened == ["workers ended"]
    assert retirement.end(1, lambda: happened.append("renewed"))
    owned[0] = 0
    time.sleep(0.1)
    assert happened == ["workers ended", "renewed"], "it does not leave while it serves"
    begin(0)  # A call that was overtaken.
    assert happened == ["workers ended", "renewed"]
    begin(1)
    assert has_come(lambda: happened[2:] == ["workers ended", "left True"])
    assert not retirement.end(2, lambda: happened.append("renewed"))
    assert len(happened) == 4, "one that leaves is not taken up, and leaves once"


def test_a_term_that_is_over_does_not_begin(retire: Any) -> None:
    retirement, happened, begin = retire([1], {})
    begin(1)  # Has overtaken the call that takes it up, which nobody waits for any more.
    assert not retirement.end(1, lambda: happened.append("renewed"))
    assert retirement.end(2, lambda: happened.append("renewed"))


def test_a_term_does_not_begin_before_the_last_one_is_over() -> None:
    """The call that takes a runner up may overtake the one that retires it, which ends its workers."""
    renewed: list[int] = []
    assert not Retirement().end(1, lambda: renewed.append(1))
    assert not renewed


def test_one_that_fails_to_renew_is_not_in_service(retire: Any) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    owned = [1]
    retirement, happened, begin = retire(owned, {})
    with pytest.raises(ZeroDivisionError):
        retirement.end(1, fail)
    begin(1)
    owned[0] = 0
    assert has_come(lambda: "left True" in happened)


@pytest.mark.parametrize("writes", [False, True])
def test_one_with_an_unfinished_query_is_not_taken_up(writes: bool, retire: Any) -> None:
    retirement, happened, _ = retire([1], {"1": writes})
    assert has_come(lambda: happened == ["workers ended"])
    assert not retirement.end(1, lambda: happened.append("renewed"))


def test_workers_that_write_are_ended_later(retire: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    files = threading.Event()
    monkeypatch.setattr(
        "protoplast.runner.retirement._files_being_written",
        lambda _: [] if files.is_set() else ["/a"],
    )
    monkeypatch.setattr("protoplast.runner.retirement._WRITE_INTERVAL_S", 0.01)
    _, happened, _ = retire([1], {"1": True})
    time.sleep(0.1)
    assert happened == []
    files.set()
    assert has_come(lambda: happened == ["workers ended"])


def test_a_file_that_stays_open_is_not_waited_for_for_ever(
    retire: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("protoplast.runner.retirement._files_being_written", lambda _: ["/a"])
    monkeypatch.setattr("protoplast.runner.retirement._WRITE_INTERVAL_S", 0.01)
    monkeypatch.setattr("protoplast.runner.retirement._FILES_PATIENCE_S", 0.1)
    _, happened, _ = retire([1], {"1": True})
    assert has_come(lambda: happened == ["workers ended"])
