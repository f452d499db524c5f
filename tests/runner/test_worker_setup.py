"""A worker has its share before it is handed over, or is an error or left out; no Ray runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from protoplast import NotInEffectError
from tests.support import fake_flotilla as flotilla
from tests.support import fake_views
from tests.support.fake_views import (
    NODES,
    actor_of,
    environment_of,
    environment_of_actor,
    failing,
    ids,
    view_of,
)


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_views.fresh(monkeypatch)


def test_a_worker_has_its_share_before_it_is_handed_over() -> None:
    first, second, _ = view_of("per-core,threads=3")([], 120)
    for worker in (first, second):
        environment = environment_of(worker)
        assert environment["DAFT_MEMORY_LIMIT"] == str(worker.arguments[4])
        assert environment["MKL_NUM_THREADS"] == "3"
        assert "OMP_NUM_THREADS" not in environment, "the user has set it for the job"
        assert worker.arguments[1].arguments["num_cpus"] == 3, "Daft's compute threads"
        assert worker.arguments[2] == 1, "and one CPU"
        ((function, planned, to_set),) = worker.arguments[1].calls
        assert to_set is None, "its process was started with it"
        assert function.__name__ == "set_up"
        assert planned.worker_id == worker.arguments[0]


def test_a_worker_of_one_thread_is_started_in_a_process_that_is_ready() -> None:
    for worker in view_of("per-core")([], 120):
        assert "runtime_env" not in worker.arguments[1].options
        ((_, planned, to_set),) = worker.arguments[1].calls
        assert to_set["DAFT_MEMORY_LIMIT"] == str(planned.memory_bytes)
        assert to_set["MKL_NUM_THREADS"] == "1"
        assert "OMP_NUM_THREADS" not in to_set, "the user has set it for the job"


def unfit(worker_id: str) -> Callable[[Any], Any]:
    """Answer for a worker whose process was ready and cannot take its share any more."""
    original = flotilla.set_up_answer

    def answer(actor: Any) -> Any:
        _, planned, to_set = actor.calls[-1]
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
    assert {started.actor for started in view.started} == {actor_of(worker) for worker in workers}
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
    assert worker.arguments[1].calls[0][2] is None, "Ray has to start a process for it anyway"
    assert "DAFT_MEMORY_LIMIT" in environment_of(worker)


@pytest.mark.parametrize("layout", ["cpus-per-worker=1", "cpus-per-worker=1,pin=core"])
def test_a_worker_knows_all_widths_of_its_node(layout: str) -> None:
    workers = view_of(layout)(["a_cpu_0"], 120)
    calls = [worker.arguments[1].calls[0] for worker in workers]
    assert [(call[1].worker_id, list(call[1].widths), call[1].index) for call in calls] == [
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


def test_a_worker_that_cannot_be_set_up_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    failure = failing("b_cpu_0", flotilla.RayError("no room"))
    monkeypatch.setattr(flotilla, "set_up_answer", failure)
    with pytest.raises(NotInEffectError, match="'b_cpu_0' could not be set up: no room"):
        view_of("per-core")([], 120)
    assert len(flotilla.killed) == 3


def test_another_memory_limit_than_its_share_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    original = flotilla.set_up_answer

    def answer(actor: Any) -> Any:
        report = json.loads(original(actor))
        report["environment"]["DAFT_MEMORY_LIMIT"] = "1"
        return json.dumps(report)

    monkeypatch.setattr(flotilla, "set_up_answer", answer)
    with pytest.raises(
        NotInEffectError, match=r"'a_cpu_0'.*DAFT_MEMORY_LIMIT is 1, but the plan says"
    ):
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


def test_a_node_without_protoplast_has_what_the_environment_gives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    missing = flotilla.RayError("ModuleNotFoundError: No module named 'protoplast'")
    monkeypatch.setattr(flotilla, "set_up_answer", failing("b_cpu_0", missing))
    workers = view_of("per-core")([], 120)
    assert ids(workers) == ["a_cpu_0", "a_cpu_1", "b_cpu_0"]
    assert "DAFT_MEMORY_LIMIT" in environment_of(workers[2]), "that gives it its share"
    for layout in ("per-core,pin=core", "per-core,gpus=spread"):
        with pytest.raises(NotInEffectError, match="'b_cpu_0' could not be set up"):
            view_of(layout)([], 120)


@pytest.mark.parametrize("layout", ["per-core", "per-core,threads=3", "cpus-per-worker=2"])
def test_a_worker_that_is_set_up_is_never_started_again_by_ray(
    layout: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flotilla, "extra_options", {"max_restarts": 3})
    for worker in view_of(layout)([], 120):
        assert worker.arguments[1].options["max_restarts"] == 0


def test_daft_s_own_workers_are_started_as_daft_starts_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(flotilla, "extra_options", {"max_restarts": 3})
    for worker in view_of("per-node")([], 120):
        assert worker.arguments[1].options["max_restarts"] == 3
