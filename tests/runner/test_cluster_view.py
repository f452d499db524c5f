"""Daft starts a worker for each virtual node of the view, and nothing global is changed; no Ray runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from protoplast import LayoutError, NotInEffectError
from protoplast.runner import cluster_view
from protoplast.runner.background import Failures
from protoplast.runner.cluster_view import ClusterView
from protoplast.runner.guard import Guard
from protoplast.seams.rebind import rebound
from tests.support import fake_flotilla as flotilla
from tests.support import fake_views
from tests.support.fake_views import NODES, SHARE, actor_of, ids, view_of


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_views.fresh(monkeypatch)


def test_daft_starts_one_worker_for_each_virtual_node() -> None:
    view = view_of("per-core")
    workers = view([], 120)
    assert [worker.arguments[0] for worker in workers] == ["a_cpu_0", "a_cpu_1", "b_cpu_0"]
    assert [worker.arguments[2:] for worker in workers] == [
        (1, 1, SHARE, "10.0.0.1"),
        (1, 0, SHARE, "10.0.0.1"),
        (1, 0, SHARE, "10.0.0.1"),
    ]
    strategies = [worker.arguments[1].options["scheduling_strategy"] for worker in workers]
    assert [strategy.node_id for strategy in strategies] == ["a", "a", "b"]
    assert {type(strategy) for strategy in strategies} == {flotilla.Strategy}
    assert [started.worker.worker_id for started in view.started] == [
        "a_cpu_0",
        "a_cpu_1",
        "b_cpu_0",
    ]
    assert not flotilla.killed


def test_a_refresh_starts_what_is_missing() -> None:
    view = view_of("per-core")
    first = view([], 120)
    assert view(["a_cpu_0", "a_cpu_1", "b_cpu_0"], 120) == []
    again = view(["a_cpu_0", "b_cpu_0"], 120)
    assert [worker.arguments[0] for worker in again] == ["a_cpu_1"]
    assert len(view.started) == 3
    replaced = {started.worker.worker_id: started.actor for started in view.started}
    assert replaced["a_cpu_1"] is actor_of(again[0])
    assert replaced["a_cpu_0"] is actor_of(first[0])


def test_workers_that_a_whole_query_needs_are_daft_s_when_it_asks() -> None:
    view = view_of("per-node")
    ready = view.ready(120)
    assert [started.worker.worker_id for started in ready] == ["a", "b"]
    assert view.ready(120) == ready, "none is started twice"
    handed = view([], 120)
    assert [worker.arguments[0] for worker in handed] == ["a", "b"]
    assert [started.actor for started in view.started] == [actor_of(worker) for worker in handed]
    assert view(["a", "b"], 120) == []


def test_a_whole_query_uses_the_workers_that_daft_has_started() -> None:
    view = view_of("per-node")
    handed = view([], 120)
    assert [started.actor for started in view.ready(120)] == [actor_of(of) for of in handed]


def test_a_worker_that_died_under_a_whole_query_is_replaced() -> None:
    view = view_of("per-node")
    view([], 120)
    died, other = view.started
    view.forget(died)
    view.forget(died)
    again = {started.worker.worker_id: started for started in view.ready(120)}
    assert again["a"].actor is not died.actor
    assert again["b"] is other
    (handed,) = view(["a", "b"], 120)
    assert actor_of(handed) is again["a"].actor, "Daft takes it in the place of the dead one"


def test_the_head_is_spared_by_the_id_of_a_worker() -> None:
    assert view_of("per-core").head_worker_id() == "b_cpu_0"
    assert view_of("per-node").head_worker_id() == "b"


def test_more_workers_get_more_time(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[int, ...]] = []

    def rebind(function: Any, names: Any) -> Any:
        inner = rebound(function, names)

        def start(existing: list[str], *timeout: int) -> Any:
            given.append(timeout)
            return inner(existing, *timeout)

        return start

    monkeypatch.setattr("protoplast.runner.cluster_view.rebound", rebind)
    view_of("per-core")([], 100)
    view_of("per-core")([])
    # Two workers on one node: two seconds more for the second. Older Daft names no time.
    assert given == [(102,), ()]


def test_a_refresh_does_not_wait_for_what_starts_later() -> None:
    view = view_of("per-core,startup=progressive")
    first = ids(view([], 120))
    began = time.monotonic()
    assert view(first, 120) == []
    assert time.monotonic() - began < cluster_view.REST_DELAY_S / 2
    view.retire()


def test_a_progressive_start_begins_with_one_worker_a_node(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cluster_view, "REST_DELAY_S", 0.1)
    view = view_of("per-core,startup=progressive")
    first = ids(view([], 120))
    assert first == ["a_cpu_0", "b_cpu_0"]
    time.sleep(0.5)
    assert ids(view(first, 120)) == ["a_cpu_1"], "at a refresh of Daft's"
    assert view([*first, "a_cpu_1"], 120) == []
    assert [started.worker.worker_id for started in view.started] == [*first, "a_cpu_1"]


def test_what_starts_beside_a_query_is_ended_where_the_view_is_retired(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    view = view_of("per-core,startup=progressive")
    going_on, retired = threading.Event(), threading.Event()
    first = threading.get_ident()

    def wait() -> None:
        if threading.get_ident() != first:
            going_on.set()
            retired.wait(10)

    monkeypatch.setattr(flotilla, "before_registering", wait)
    monkeypatch.setattr(cluster_view, "REST_DELAY_S", 0.0)
    view([], 120)
    assert going_on.wait(10)
    view.retire()
    retired.set()
    deadline = time.monotonic() + 10
    while len(flotilla.killed) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(flotilla.killed) == 3
    assert view.started == []


def test_nothing_global_is_changed() -> None:
    before = dict(vars(flotilla))
    view_of("per-core")([], 120)
    assert dict(vars(flotilla)) == before
    assert flotilla.ray.nodes() is NODES


def test_other_workers_than_planned_are_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    def doubled(existing: list[str], timeout: int) -> Any:
        return flotilla.start_ray_workers(existing, timeout) * 2

    with pytest.raises(NotInEffectError, match="'a_cpu_0' was planned but not created"):
        # It reaches Daft's function by another module's name, so it sees the real nodes.
        view_of("per-core", doubled)([], 120)

    def fail() -> None:
        raise RuntimeError("a node went away")

    monkeypatch.setattr(flotilla, "before_registering", fail)
    with pytest.raises(RuntimeError, match="a node went away"):
        view_of("per-core")([], 120)
    assert len(flotilla.killed) == 3


def test_a_view_retired_while_workers_start_ends_them(monkeypatch: pytest.MonkeyPatch) -> None:
    view = view_of("per-core")
    monkeypatch.setattr(flotilla, "before_registering", view.retire)
    assert view([], 120) == []
    assert len(flotilla.killed) == 3
    assert view.started == []
    assert view([], 120) == [], "and starts no others"


def test_retiring_ends_the_workers() -> None:
    view = view_of("cpus-per-worker=2")
    actors = [actor_of(worker) for worker in view([], 120)]
    view.retire()
    assert flotilla.killed == actors


def test_what_cannot_be_planned_fails_before_a_worker_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(flotilla, "nodes", [*NODES, NODES[0]])
    with pytest.raises(LayoutError, match="two live nodes have the id 'a'"):
        view_of("per-core")([], 120)


def test_a_node_that_joins_and_cannot_be_planned_is_left_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    view = view_of("per-core")
    view([], 120)
    small = {"NodeID": "small", "Alive": True, "Resources": {"CPU": 60.0, "memory": 1e9}}
    joined = {**NODES[1], "NodeID": "c"}
    monkeypatch.setattr(flotilla, "nodes", [*NODES, small, joined])
    assert ids(view(["a_cpu_0", "a_cpu_1", "b_cpu_0"], 120)) == ["c_cpu_0"]
    assert "node small gets no workers" in caplog.text


def test_the_guard_refuses_to_start_and_lets_names_through() -> None:
    guard = Guard("RaySwordfishActor", flotilla.RaySwordfishActor)
    for start in (guard, guard.options, guard.remote):
        with pytest.raises(NotInEffectError, match="without protoplast's view"):
            start(num_cpus=1)
    assert guard.__module__ == Guard.__module__
    with pytest.raises(AttributeError):
        guard.get_address  # noqa: B018


def test_a_node_that_is_slow_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    view = view_of("per-core")
    view([], 120)
    release = threading.Event()
    slow = threading.local()

    def wait() -> None:
        if not hasattr(slow, "seen"):  # Each start has a thread of its own.
            slow.seen = True
            release.wait(30)

    monkeypatch.setattr("protoplast.runner.cluster_view.REFRESH_PATIENCE_S", 0.1)
    monkeypatch.setattr(flotilla, "before_registering", wait)
    began = time.monotonic()
    assert view(["b_cpu_0"], 120) == []
    monkeypatch.setattr(flotilla, "before_registering", lambda: None)
    # Those on their way are not started a second time.
    assert view(["a_cpu_0", "a_cpu_1"], 120) != []
    assert view(["b_cpu_0"], 120) == []
    assert time.monotonic() - began < 10
    release.set()
    assert ids(until(lambda: view(["b_cpu_0"], 120))) == ["a_cpu_0", "a_cpu_1"]
    assert view(["a_cpu_0", "a_cpu_1", "b_cpu_0"], 120) == [], "and they are handed over once"
    assert not flotilla.killed


def test_a_worker_that_cannot_start_is_tried_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    refused = [True]

    started = []

    def rebind(function: Any, names: Any) -> Any:
        def start(existing: list[str], timeout: int) -> Any:
            nodes = [node["NodeID"] for node in names["ray"].nodes()]
            started.append(nodes)
            if refused[0] and "a_cpu_0" in nodes:
                raise RuntimeError("node a refuses")
            return rebound(function, names)(existing, timeout)

        return start

    monkeypatch.setattr("protoplast.runner.cluster_view.rebound", rebind)
    view = view_of("per-core")
    view._failures = Failures(clock=lambda: now[0])
    # If there is no worker at all, Daft raises the error.
    with pytest.raises(RuntimeError, match="node a refuses"):
        view([], 120)
    assert failed(view) == ["a_cpu_0", "a_cpu_1", "b_cpu_0"]
    started.clear()

    assert ids(view(["x"], 120)) == ["b_cpu_0"]
    assert sorted(started) == [["a_cpu_0", "a_cpu_1"], ["b_cpu_0"]]
    assert failed(view) == ["a_cpu_0", "a_cpu_1"]
    assert view(["b_cpu_0"], 120) == []
    assert len(started) == 2, "not tried again before its time"
    now[0] += 10
    assert view(["b_cpu_0"], 120) == []
    assert len(started) == 3
    refused[0] = False
    now[0] += 20
    assert ids(view(["b_cpu_0"], 120)) == ["a_cpu_0", "a_cpu_1"]
    assert view.failed == []


def failed(view: ClusterView) -> list[str]:
    return [worker.worker_id for worker in view.failed]


def until(attempt: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 10
    while not (answer := attempt()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return answer


@pytest.mark.parametrize("layout", ["per-core", "per-core,pin=core,pin-fallback=true"])
def test_a_joined_node_that_cannot_be_read_leaves_the_others_their_workers(
    layout: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    view = view_of(layout)
    first = ids(view([], 120))
    too_large = {"NodeID": "c", "Alive": True, "Resources": {"CPU": 1.0, "memory": 1e30}}
    monkeypatch.setattr(flotilla, "nodes", [*NODES, too_large])
    first.remove("a_cpu_1")
    assert ids(view(first, 120)) == ["a_cpu_1"]
    assert "node c gets no workers: node 'c' reports memory = " in caplog.text
    assert view.head_worker_id() == "b_cpu_0"
