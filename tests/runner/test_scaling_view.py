"""What the view asks an autoscaler for, and which workers it ends where Daft scales in; no Ray runs."""

from __future__ import annotations

import time

import pytest

from protoplast.runner import cluster_view, launch
from protoplast.runner.cluster_view import ClusterView
from protoplast.runner.whole_workers import WholeWorkers
from tests.support import fake_flotilla as flotilla
from tests.support import fake_views
from tests.support.fake_views import actor_of, failing, ids, view_of
from tests.support.fault_queries import wait_for

GB = 1 << 30


@pytest.fixture(autouse=True)
def workers(monkeypatch: pytest.MonkeyPatch) -> WholeWorkers:
    fake_views.fresh(monkeypatch)
    workers = WholeWorkers()
    monkeypatch.setattr("protoplast.seams.runner_actor.release_dropped", lambda: None)
    for module in (cluster_view, launch):
        monkeypatch.setattr(module, "WORKERS", workers)
    return workers


@pytest.fixture
def _scales_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAFT_AUTOSCALING_DOWNSCALE_ENABLED", "1")


def in_service(view: ClusterView) -> list[str]:
    return [started.worker.worker_id for started in view.started]


def test_a_request_is_passed_on_if_the_workers_of_the_plan_do_not_have_it() -> None:
    view = view_of("per-core,startup=progressive")
    assert len(view([], 120)) == 2, "one of three workers starts later, and counts"
    view.ask_for_nodes([{"CPU": 1}] * 3)
    assert not flotilla.requests
    view.ask_for_nodes([{"CPU": 1}] * 4)
    view.ask_for_nodes([{"CPU": 1, "GPU": 2}])
    view.ask_for_nodes([])
    assert flotilla.requests == [[{"CPU": 1}] * 4, [{"CPU": 1, "GPU": 2}], []]
    view.retire()


def test_without_nodes_every_request_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flotilla, "nodes", [])
    view = view_of("per-core")
    assert view([], 120) == []
    view.ask_for_nodes([{"CPU": 1}])
    assert flotilla.requests == [[{"CPU": 1}]]


def test_a_worker_that_could_not_be_started_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flotilla, "set_up_answer", failing("b", flotilla.ActorDiedError()))
    view = view_of("per-core")
    assert len(view([], 120)) == 2
    view.ask_for_nodes([{"CPU": 1}] * 3)
    assert flotilla.requests


@pytest.mark.usefixtures("_scales_in")
def test_a_worker_of_whole_queries_ends_with_the_last_of_them(workers: WholeWorkers) -> None:
    view = view_of("per-node")
    ready = view.ready(120)
    for _ in ready:
        workers.hold(ready, GB, {})
    workers.release(ready[1], GB)
    view.scale_in()
    time.sleep(0.2)
    assert in_service(view) == ["a", "b"], "the other one runs"
    workers.release(ready[0], GB)
    view.scale_in()
    assert wait_for(lambda: in_service(view) == ["b"]), "that of the head is spared"
    assert flotilla.killed == [ready[0].actor]
    assert workers.is_leaving("a")
    assert ids(view([], 120)) == ["b", "a"], "it comes back when it is needed"


def test_workers_stay_if_daft_does_not_scale_in() -> None:
    view = view_of("per-node")
    view.ready(120)
    view.scale_in()
    view.ask_for_nodes([])
    time.sleep(0.2)
    assert in_service(view) == ["a", "b"]


@pytest.mark.usefixtures("_scales_in")
def test_a_worker_that_daft_has_taken_is_daft_s_to_end() -> None:
    view = view_of("per-node")
    view.ready(120)
    view([], 120)
    view.scale_in()
    time.sleep(0.2)
    assert in_service(view) == ["a", "b"]


@pytest.mark.usefixtures("_scales_in")
def test_a_worker_that_comes_up_after_its_query_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_view, "REST_DELAY_S", 0.3)
    view = view_of("per-core,startup=progressive")
    first = ids(view([], 120))
    view.ask_for_nodes([])  # The query has ended.
    assert wait_for(lambda: flotilla.killed)
    assert wait_for(lambda: in_service(view) == first)
    (again,) = view(first, 120)
    assert actor_of(again) not in flotilla.killed, "another one comes when it is needed"


@pytest.mark.usefixtures("_scales_in")
def test_a_worker_that_the_next_query_waits_for_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_view, "REST_DELAY_S", 0.3)
    view = view_of("per-core,startup=progressive")
    view([], 120)
    view.ask_for_nodes([])
    assert ids(view([], 120)) == ["a_cpu_1"]
    assert not flotilla.killed
