"""Daft's scheduler sees groups of the workers of a large fleet; no Ray runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from protoplast import _core
from protoplast.runner import cluster_view
from protoplast.runner.groups.group import Member, WorkerGroup
from protoplast.seams import task_results
from tests.support import fake_flotilla as flotilla
from tests.support import fake_views
from tests.support.fake_views import SHARE, view_of

# Two workers for each of 512.
CPUS = 300
NODES = [
    {
        "NodeID": node,
        "Alive": True,
        "Resources": {"CPU": float(CPUS), "memory": float(CPUS * SHARE)},
    }
    for node in ("a", "b")
]
DIED = object()

pytestmark = pytest.mark.skipif(
    not task_results.GROUPS.is_available(), reason="this Daft has no groups of workers"
)


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_views.fresh(monkeypatch)
    monkeypatch.setattr(flotilla, "nodes", NODES)
    monkeypatch.setattr(cluster_view, "REFRESH_PATIENCE_S", 60.0)
    monkeypatch.setattr(cluster_view, "with_facts", lambda _layout, nodes, _ray: nodes)
    monkeypatch.setattr(task_results, "is_worker_died", lambda result: result is DIED)
    monkeypatch.setattr(task_results, "worker_died", lambda: DIED)


class Worker:
    """Stands in for Daft's handle of a worker: its tasks end when they are told to, with its answer."""

    def __init__(self) -> None:
        self.answer: Any = "done"
        self.sent: list[Any] = []
        self.is_shut_down = False

    def submit_task(self, task: Any) -> Any:
        worker = self

        class Sent:
            def __init__(self) -> None:
                self.is_cancelled = False

            async def get_result(self) -> Any:
                return worker.answer

            def cancel(self) -> None:
                self.is_cancelled = True

        self.sent.append(Sent())
        return self.sent[-1]

    def shutdown(self) -> None:
        self.is_shut_down = True


def ids(registered: Any) -> list[str]:
    return [worker.arguments[0] for worker in registered]


def with_workers(group: Any) -> list[Worker]:
    """Replace the actors behind a group by workers of this test."""
    numbers = list(group._handles)
    workers = [Worker() for _ in numbers]
    group._handles = dict(zip(numbers, workers, strict=True))
    return workers


def group_of_three() -> tuple[WorkerGroup, list[Worker]]:
    workers = [Worker() for _ in range(3)]
    planned = [_core.Worker(f"a_cpu_{index}", "a", 1, 0, SHARE) for index in range(3)]
    members = [Member(*of, ()) for of in zip(planned, workers, strict=True)]
    return WorkerGroup(members), workers


def first_group(view: Any) -> tuple[Any, list[str]]:
    registered = view([], 120)
    return registered[0].arguments[1], ids(registered)


def test_daft_registers_groups_of_a_large_fleet() -> None:
    registered = view_of("per-core")([], 120)
    assert len(registered) == CPUS
    assert ids(registered)[:2] == ["a_cpu_0+1", "a_cpu_2+1"]
    assert {worker.arguments[2:] for worker in registered} == {(2, 0, 2 * SHARE, "10.0.0.1")}


def test_a_refresh_starts_nothing_that_is_in_a_group() -> None:
    view = view_of("per-core")
    registered = view([], 120)
    assert len(view.started) == 2 * CPUS
    assert view(ids(registered), 120) == []
    gone = view(ids(registered)[1:], 120)
    assert ids(gone) == ["a_cpu_0+1"]


def test_a_worker_that_died_comes_back_into_its_group() -> None:
    view = view_of("per-core")
    group, registered = first_group(view)
    workers = with_workers(group)
    workers[0].answer = DIED
    assert asyncio.run(group.submit_task("task").get_result()) == "done"
    assert [len(worker.sent) for worker in workers] == [1, 1]
    assert group.worker_ids() == ["a_cpu_1"]
    assert view(registered, 120) == [], "Daft has the group already"
    assert sorted(group.worker_ids()) == ["a_cpu_0", "a_cpu_1"]
    assert view(registered, 120) == []


def test_daft_learns_that_all_workers_of_a_group_died() -> None:
    view = view_of("per-core")
    group, registered = first_group(view)
    for worker in with_workers(group):
        worker.answer = DIED
    assert asyncio.run(group.submit_task("task").get_result()) is DIED
    assert asyncio.run(group.submit_task("task").get_result()) is DIED
    again = view(registered[1:], 120)
    assert ids(again) == ["a_cpu_0+1"]
    assert again[0].arguments[1] is not group


def test_a_group_that_died_before_daft_reported_it_takes_no_worker_back() -> None:
    view = view_of("per-core")
    group, registered = first_group(view)
    for worker in with_workers(group):
        worker.answer = DIED
    asyncio.run(group.submit_task("task").get_result())
    again = view(registered, 120)
    assert ids(again) == ["a_cpu_0+1"]
    assert again[0].arguments[1] is not group


def test_tasks_go_to_the_workers_with_the_fewest() -> None:
    group, workers = group_of_three()
    tasks = [group.submit_task("task") for _ in range(4)]
    assert [len(worker.sent) for worker in workers] == [2, 1, 1]
    asyncio.run(tasks[1].get_result())
    group.submit_task("task")
    assert [len(worker.sent) for worker in workers] == [2, 2, 1]


def test_a_cancelled_task_is_not_sent_again() -> None:
    group, workers = group_of_three()
    workers[0].answer = DIED
    task = group.submit_task("task")
    task.cancel()
    assert workers[0].sent[0].is_cancelled
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(task.get_result())
    assert [len(worker.sent) for worker in workers] == [1, 0, 0]


def test_an_error_of_a_task_frees_its_worker() -> None:
    group, workers = group_of_three()

    async def fails() -> Any:
        raise ValueError("the user's")

    task = group.submit_task("task")
    workers[0].sent[0].get_result = fails
    with pytest.raises(ValueError, match="the user's"):
        asyncio.run(task.get_result())
    group.submit_task("task")
    assert [len(worker.sent) for worker in workers] == [2, 0, 0]


def shut_down(group: Any, workers: list[Worker]) -> None:
    group.shutdown()
    assert all(worker.is_shut_down for worker in workers)


def died_and_shut_down(group: Any, workers: list[Worker]) -> None:
    workers[0].answer = DIED
    asyncio.run(group.submit_task("task").get_result())
    group.shutdown()
    assert all(worker.is_shut_down for worker in workers[1:])


@pytest.mark.parametrize("end", [shut_down, died_and_shut_down])
def test_what_daft_has_shut_down_stays_so_while_it_says_so(
    end: Callable[[Any, list[Worker]], None],
) -> None:
    view = view_of("per-core")
    group, registered = first_group(view)
    end(group, with_workers(group))
    # Daft goes on to name what it has shut down, for a time (`pending_release_blacklist`).
    assert view(registered, 120) == []
    assert ids(view(registered[1:], 120)) == ["a_cpu_0+1"]


def test_the_group_of_the_head_s_first_worker_is_spared(monkeypatch: pytest.MonkeyPatch) -> None:
    view = view_of("per-core")
    view([], 120)
    assert view.head_worker_id() == "b_cpu_0+1"
