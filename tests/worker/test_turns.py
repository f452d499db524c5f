"""How the threads of a worker share an instance that no two threads may call at once."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from protoplast.worker import turns
from protoplast.worker.freeing import forget_errors
from protoplast.worker.turns import SharedInstance


class Scorer:
    """Fails if two threads call it at once."""

    def __init__(self, work: Callable[[], None], built: list[Scorer], build_s: float = 0.0) -> None:
        time.sleep(build_s)
        self.work = work
        self.busy = threading.Lock()
        built.append(self)

    def __call__(self, value: int, factor: int = 1) -> int:
        assert self.busy.acquire(blocking=False), "two threads at once"
        try:
            self.work()
        finally:
            self.busy.release()
        return value * factor


def call_from_threads(shared: SharedInstance, threads: int, calls: int) -> list[int]:
    answers: list[int] = []

    def run() -> None:
        for value in range(calls):
            answers.append(shared(value, factor=2))

    each = [threading.Thread(target=run) for _ in range(threads)]
    for thread in each:
        thread.start()
    for thread in each:
        thread.join()
    assert len(answers) == threads * calls
    return answers


def spin(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def shared(work: Callable[[], None], build_s: float) -> tuple[SharedInstance, list[Scorer]]:
    built: list[Scorer] = []
    return SharedInstance(lambda: Scorer(work, built, build_s), threads=4), built


def test_one_thread_calls_it_at_a_time() -> None:
    instance, built = shared(lambda: time.sleep(0.005), build_s=30 / 100)
    assert sorted(call_from_threads(instance, 4, 5)) == sorted(
        2 * v for v in range(5) for _ in "1234"
    )
    assert len(built) == 1, "threads have waited less than building takes"


@pytest.mark.parametrize(("seconds", "calls"), [(0.05, 5), (0.003, 150)])
def test_code_that_holds_the_gil_gets_no_second_instance(seconds: float, calls: int) -> None:
    instance, built = shared(lambda: spin(seconds), build_s=0.05)
    call_from_threads(instance, 4, calls)
    assert len(built) == 1, "another one would not run beside it"


@pytest.mark.parametrize(("seconds", "calls"), [(0.1, 10), (0.005, 100)])
def test_code_that_releases_the_gil_gets_more_if_threads_wait_for_long(
    seconds: float, calls: int
) -> None:
    instance, built = shared(lambda: time.sleep(seconds), build_s=0.05)
    call_from_threads(instance, 4, calls)
    assert 2 <= len(built) <= 4


def test_an_instance_may_call_itself() -> None:
    class Recursive:
        outer: Any = None

        def __call__(self, value: int) -> int:
            return 0 if value == 0 else 1 + int(self.outer(value - 1))

    inner = Recursive()
    inner.outer = SharedInstance(lambda: inner, threads=2)
    assert inner.outer(3) == 3


def test_errors_leave_it_usable_and_show_the_users_object() -> None:
    def fail() -> None:
        raise ValueError("no")

    instance, built = shared(fail, build_s=0.0)
    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            instance(1)
    assert repr(instance) == repr(built[0])


def test_instances_are_let_go_although_daft_keeps_the_object() -> None:
    instance, built = shared(lambda: None, build_s=0.0)
    assert instance(2) == 2
    built.clear()
    instance.let_go()
    gc.collect()
    assert not [one for one in gc.get_objects() if type(one) is Scorer]
    assert (instance(3), instance(4)) == (3, 4), "a task of the ended query still runs"
    assert len(built) == 1


def test_errors_that_daft_keeps_hold_no_instance() -> None:
    class Fails:
        def __init__(self) -> None:
            self.factor: Any = None

        def __call__(self, values: list[int]) -> list[int]:
            return [self.factor * value for value in values]

    instance = SharedInstance(Fails, threads=1)
    with pytest.raises(TypeError) as kept:
        instance([1])
    forget_errors(instance.let_go())
    gc.collect()
    assert not [one for one in gc.get_objects() if type(one) is Fails]
    assert kept.value.__traceback__ is not None


def test_what_a_task_builds_after_its_query_is_let_go_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "SECOND_LOOK_S", 0.1)
    instance, built = shared(lambda: None, build_s=0.0)
    instance.let_go()
    assert [instance(value) for value in (3, 4)] == [3, 4]
    assert len(built) == 2, "the one that was let go, and one for both calls"
    built.clear()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        gc.collect()
        if not [one for one in gc.get_objects() if type(one) is Scorer]:
            break
        time.sleep(0.02)
    assert not [one for one in gc.get_objects() if type(one) is Scorer]
