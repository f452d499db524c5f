"""What Daft's function sees and does through the view, without Ray."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from protoplast import Layout, LayoutError, NotInEffectError, cluster_view, daft_seams
from protoplast.cluster_view import ClusterView
from protoplast.guard import Guard
from protoplast.starts import Failures
from tests import fake_flotilla as flotilla

SHARE = 50 << 30
NODES = [
    {
        "NodeID": "a",
        "Alive": True,
        "Resources": {"CPU": 2.0, "GPU": 1.0, "memory": 2.0 * SHARE, "x": 7},
    },
    {"NodeID": "b", "Alive": True, "Resources": {"CPU": 1.0, "memory": float(SHARE)}},
]


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flotilla, "nodes", NODES)
    flotilla.killed.clear()


def view_of(layout: str, start: Callable[..., Any] = flotilla.start_ray_workers) -> ClusterView:
    return ClusterView(Layout.parse(layout), flotilla, start)


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
    assert replaced["a_cpu_1"] is again[0].arguments[1]
    assert replaced["a_cpu_0"] is first[0].arguments[1]


def test_the_head_is_spared_by_the_id_of_a_worker() -> None:
    assert view_of("per-core").head_worker_id() == "b_cpu_0"
    assert view_of("per-node").head_worker_id() == "b"


def test_more_workers_get_more_time(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[int, ...]] = []

    def rebind(function: Any, names: Any) -> Any:
        inner = daft_seams.rebound(function, names)

        def start(existing: list[str], *timeout: int) -> Any:
            given.append(timeout)
            return inner(existing, *timeout)

        return start

    monkeypatch.setattr("protoplast.cluster_view.rebound", rebind)
    view_of("per-core")([], 100)
    view_of("per-core")([])
    # Two workers on one node: two seconds more for the second. Older Daft names no time.
    assert given == [(102,), ()]


def environment_of(worker: Any) -> dict[str, str]:
    return environment_of_actor(worker.arguments[1])


def environment_of_actor(actor: Any) -> dict[str, str]:
    environment: dict[str, str] = actor.options.get("runtime_env", {}).get("env_vars", {})
    return environment


def test_a_worker_has_its_share_before_it_is_handed_over() -> None:
    first, second, _ = view_of("per-core,threads=3")([], 120)
    for worker in (first, second):
        environment = environment_of(worker)
        assert environment["DAFT_MEMORY_LIMIT"] == str(worker.arguments[4])
        assert environment["MKL_NUM_THREADS"] == "3"
        assert "OMP_NUM_THREADS" not in environment, "the user has set it for the job"
        assert worker.arguments[1].arguments["num_cpus"] == 3, "Daft's compute threads"
        assert worker.arguments[2] == 1, "and one CPU"
        ((function, planned, _, _, to_set),) = worker.arguments[1].calls
        assert to_set is None, "its process was started with it"
        assert function.__name__ == "set_up"
        assert planned.worker_id == worker.arguments[0]


def test_a_worker_of_one_thread_is_started_in_a_process_that_is_ready() -> None:
    for worker in view_of("per-core")([], 120):
        assert "runtime_env" not in worker.arguments[1].options
        ((_, planned, _, _, to_set),) = worker.arguments[1].calls
        assert to_set["DAFT_MEMORY_LIMIT"] == str(planned.memory_bytes)
        assert to_set["MKL_NUM_THREADS"] == "1"
        assert "OMP_NUM_THREADS" not in to_set, "the user has set it for the job"


def unfit(worker_id: str) -> Callable[[Any], Any]:
    """Answer for a worker whose process was ready and cannot take its share any more."""
    original = flotilla.set_up_answer

    def answer(actor: Any) -> Any:
        _, planned, _, _, to_set = actor.calls[-1]
        late = planned.worker_id == worker_id and to_set is not None
        return None if late else original(actor)

    return answer


def test_a_worker_whose_process_comes_too_late_gets_a_new_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(flotilla, "set_up_answer", unfit("a_cpu_1"))
    view = view_of("per-core")
    workers = view([], 120)
    assert sorted(ids(workers)) == ["a_cpu_0", "a_cpu_1", "b_cpu_0"]
    found = {worker.arguments[0]: worker for worker in workers}
    assert "DAFT_MEMORY_LIMIT" in environment_of(found["a_cpu_1"])
    assert environment_of(found["a_cpu_0"]) == {}
    assert len(flotilla.killed) == 1, "the process that could not take it"
    assert view.failed == []
    assert {started.actor for started in view.started} == {w.arguments[1] for w in workers}
    (again,) = view(["a_cpu_0", "a_cpu_1"], 120)
    assert "DAFT_MEMORY_LIMIT" in environment_of(again), "the next ones would likely meet the same"


def test_the_others_serve_where_the_new_process_does_not_come_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    view = view_of("per-core")
    first = unfit("a_cpu_1")

    def answer(actor: Any) -> Any:
        return flotilla.RayError("no room") if environment_of_actor(actor) else first(actor)

    monkeypatch.setattr(flotilla, "set_up_answer", answer)
    assert ids(view([], 120)) == ["a_cpu_0", "b_cpu_0"]
    assert [worker.worker_id for worker in view.failed] == ["a_cpu_1"]
    assert len(flotilla.killed) == 2


def test_daft_s_own_worker_is_left_alone() -> None:
    for worker in view_of("per-node")([], 120):
        assert environment_of(worker) == {}
        assert worker.arguments[1].calls == []


def test_what_daft_gives_its_workers_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flotilla, "extra_options", {"runtime_env": {"env_vars": {"A": "b"}}})
    worker = view_of("per-core")([], 120)[0]
    assert environment_of(worker)["A"] == "b"
    assert worker.arguments[1].calls[0][4] is None, "Ray has to start a process for it anyway"
    assert "DAFT_MEMORY_LIMIT" in environment_of(worker)


def test_a_pinned_worker_knows_all_widths_of_its_node() -> None:
    workers = view_of("cpus-per-worker=1,pin=core")(["a_cpu_0"], 120)
    calls = [worker.arguments[1].calls[0] for worker in workers]
    assert [(call[1].worker_id, call[2], call[3]) for call in calls] == [
        ("a_cpu_1", [1, 1], 1),
        ("b_cpu_0", [1], 0),
    ]


def test_pinned_nodes_that_share_a_host_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = [{**node, "NodeManagerHostname": "host"} for node in NODES]
    monkeypatch.setattr(flotilla, "nodes", shared)
    with pytest.raises(NotInEffectError, match="2 nodes of the cluster are on the host 'host'"):
        view_of("per-core,pin=core")([], 120)
    workers = view_of("per-core,pin=core,pin-fallback=true")([], 120)
    assert [worker.arguments[1].calls[0][1].pin for worker in workers] == [None] * 3


def failing(worker_id: str, error: Exception) -> Callable[[Any], Any]:
    original = flotilla.set_up_answer

    def answer(actor: Any) -> Any:
        strategy = actor.options["scheduling_strategy"]
        return error if worker_id.startswith(strategy.node_id) else original(actor)

    return answer


def test_a_worker_that_cannot_be_set_up_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    failure = failing("b_cpu_0", flotilla.RayError("no room"))
    monkeypatch.setattr(flotilla, "set_up_answer", failure)
    with pytest.raises(NotInEffectError, match="'b_cpu_0' could not be set up: no room"):
        view_of("per-core")([], 120)
    assert len(flotilla.killed) == 3


def test_another_memory_limit_than_its_share_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    original = flotilla.set_up_answer

    def answer(actor: Any) -> Any:
        report = original(actor)
        report.environment = {**report.environment, "DAFT_MEMORY_LIMIT": "1"}
        return report

    monkeypatch.setattr(flotilla, "set_up_answer", answer)
    with pytest.raises(NotInEffectError, match=r"'a_cpu_0'.*DAFT_MEMORY_LIMIT is 1, the plan says"):
        view_of("per-core")([], 120)
    assert len(flotilla.killed) == 3


def test_a_worker_that_does_not_come_up_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    for error in (flotilla.ActorDiedError("died"), flotilla.GetTimeoutError("late")):
        flotilla.killed.clear()
        monkeypatch.setattr(flotilla, "set_up_answer", failing("b_cpu_0", error))
        view = view_of("per-core")
        assert ids(view([], 120)) == ["a_cpu_0", "a_cpu_1"]
        assert len(flotilla.killed) == 1
        assert [worker.worker_id for worker in view.failed] == ["b_cpu_0"]
        monkeypatch.undo()
        monkeypatch.setattr(flotilla, "nodes", NODES)
        assert ids(view(["a_cpu_0", "a_cpu_1"], 120)) == ["b_cpu_0"], "tried again at a refresh"
        assert view.failed == []


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


def test_no_protoplast_on_a_node(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = flotilla.RayError("ModuleNotFoundError: No module named 'protoplast'")
    monkeypatch.setattr(flotilla, "set_up_answer", failing("b_cpu_0", missing))
    workers = view_of("per-core")([], 120)
    assert ids(workers) == ["a_cpu_0", "a_cpu_1", "b_cpu_0"]
    assert "DAFT_MEMORY_LIMIT" in environment_of(workers[2]), "that gives it its share"
    for layout in ("per-core,pin=core", "per-core,gpus=spread"):
        with pytest.raises(NotInEffectError, match="'b_cpu_0' could not be set up"):
            view_of(layout)([], 120)


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
    actors = [worker.arguments[1] for worker in view([], 120)]
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
        with pytest.raises(NotInEffectError, match="past protoplast's view"):
            start(num_cpus=1)
    assert guard.__module__ == Guard.__module__
    with pytest.raises(AttributeError):
        guard.get_address  # noqa: B018


def ids(workers: Any) -> list[str]:
    return [worker.arguments[0] for worker in workers]


def test_a_node_that_is_slow_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    view = view_of("per-core")
    view([], 120)
    release = threading.Event()
    slow = threading.local()

    def wait() -> None:
        if not hasattr(slow, "seen"):  # Each start has a thread of its own.
            slow.seen = True
            release.wait(30)

    monkeypatch.setattr("protoplast.cluster_view.REFRESH_PATIENCE_S", 0.1)
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
            return daft_seams.rebound(function, names)(existing, timeout)

        return start

    monkeypatch.setattr("protoplast.cluster_view.rebound", rebind)
    view = view_of("per-core")
    view._failures = Failures(clock=lambda: now[0])
    # Where there is no worker at all the error is Daft's to raise.
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
