"""What a worker builds once, and when it frees it."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from protoplast.worker.instances import Instances, InstanceTag


class Model:
    """Refers to itself, as models do, so only garbage collection frees it."""

    def __init__(self) -> None:
        self.itself: Any = self


class Log:
    def __init__(self) -> None:
        self.events: list[tuple[Any, ...]] = []

    def building(self, key: str) -> None:
        self.events.append(("building", key))

    def built(self, key: str, seconds: float, grown: int, peak: int) -> None:
        self.events.append(("built", key, seconds, grown, peak))

    def failed(self, key: str) -> None:
        self.events.append(("failed", key))


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def instances(log: Log) -> Instances:
    def let_go(_instance: Any, users: list[Any]) -> None:
        for user in users:
            user.instance = None

    return Instances(log, let_go)


def tag(key: str = "k", query: str = "q", *, is_cheap: bool = False) -> InstanceTag:
    return InstanceTag(key, query, is_cheap)


def freed(instances: Instances, end: Callable[[], None], *queries: str) -> bool:
    """Whether an instance that these queries use is gone after `end`."""
    for query in queries:
        alive = weakref.ref(instances.get(tag(query=query), Model))
    gc.collect()
    assert alive() is not None
    end()
    return alive() is None


def is_gone(alive: weakref.ref[Any]) -> bool:
    """Whether an object is freed within some seconds."""
    deadline = time.monotonic() + 10
    while alive() is not None and time.monotonic() < deadline:
        time.sleep(0.02)
    return alive() is None


def test_an_instance_is_built_once_for_each_object(instances: Instances) -> None:
    first = instances.get(tag(), Model)
    assert instances.get(tag(), Model) is first
    assert instances.get(tag(query="other"), Model) is first
    assert instances.get(tag("other"), Model) is not first


def test_threads_wait_for_the_one_that_builds(instances: Instances) -> None:
    built = []

    def slow() -> Model:
        time.sleep(0.2)
        built.append(Model())
        return built[-1]

    threads = [threading.Thread(target=instances.get, args=(tag(), slow)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(built) == 1


def test_a_class_may_use_its_own_object_while_it_is_built(instances: Instances) -> None:
    inner = instances.get(tag("outer"), lambda: instances.get(tag("outer"), Model))
    assert isinstance(inner, Model)


def test_a_failure_is_not_remembered(instances: Instances, log: Log) -> None:
    with pytest.raises(ZeroDivisionError):
        instances.get(tag(), lambda: 1 / 0)
    assert isinstance(instances.get(tag(), Model), Model)
    assert [event[:2] for event in log.events] == [
        ("building", "k"),
        ("failed", "k"),
        ("building", "k"),
        ("built", "k"),
    ]


def test_what_an_instance_takes_is_measured(instances: Instances, log: Log) -> None:
    def build() -> Any:
        extra = bytearray(80_000_000)
        time.sleep(0.1)
        del extra
        return bytearray(120_000_000)

    instances.get(tag(), build)
    (_, (_, _, seconds, grown, peak)) = log.events
    assert seconds >= 0.1
    assert 110_000_000 < grown < 150_000_000
    assert peak >= grown - 10_000_000
    instances.get(tag("cheap", is_cheap=True), Model)
    assert len(log.events) == 2, "nobody watches what costs nothing"


def test_the_end_of_the_last_query_frees_it(instances: Instances) -> None:
    assert freed(instances, lambda: instances.end_query("q", 0), "q")
    assert not freed(instances, lambda: instances.end_query("q2", 0), "q2", "q3")
    assert freed(instances, lambda: instances.end_query("q3", 0), "q3")


def test_a_task_that_outlives_its_query_keeps_nothing(instances: Instances) -> None:
    instances.end_query("q", 0)
    first = instances.get(tag(), Model)
    assert instances.get(tag(), Model) is not first
    assert freed(instances, lambda: None, "p") is False
    alive = weakref.ref(instances.get(tag(), Model))
    assert is_gone(alive)


def test_it_is_kept_for_the_next_query(instances: Instances) -> None:
    assert not freed(instances, lambda: instances.end_query("q", 30), "q")
    kept = weakref.ref(instances.get(tag(query="next"), Model))
    instances.end_query("next", 30)
    instances.drop(["k"])
    assert kept() is None


def test_it_is_freed_when_its_time_is_over(instances: Instances) -> None:
    alive = weakref.ref(instances.get(tag(), Model))
    instances.end_query("q", 0.3)
    assert alive() is not None
    assert is_gone(alive)


def test_it_is_kept_for_a_query_that_has_had_no_task_here_yet(instances: Instances) -> None:
    alive = weakref.ref(instances.get(tag(), Model))
    instances.end_query("gone", 0)
    instances.end_query("q", 0, {"k": ["heir", "gone"], "unknown": ["heir"]})
    assert alive() is not None
    instances.end_query("heir", 0)
    assert is_gone(alive)


def test_what_a_query_uses_is_not_dropped(instances: Instances) -> None:
    instances.get(tag(), Model)
    alive = weakref.ref(instances.get(tag(), Model))
    instances.drop(["k", "unknown"])
    assert alive() is not None


def test_objects_that_daft_keeps_forget_it(instances: Instances) -> None:
    class Udf:
        instance: Any = None

    udf = Udf()
    udf.instance = instances.get(tag(), Model, udf)
    alive = weakref.ref(udf.instance)
    instances.end_query("q", 0)
    assert alive() is None
