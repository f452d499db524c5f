"""Tasks of class UDFs reach a worker in any case: without protoplast there, after deaths, cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from types import SimpleNamespace
from typing import Any

import pytest

from protoplast.runner.instances.routing import InstanceRouting
from protoplast.runner.messages import ExpectedInstance
from tests.runner.fake_workers import KEY, QUERY, Actor, handle, send, settle
from tests.support.process import in_new_process

Scenario = Callable[[InstanceRouting], Coroutine[Any, Any, Any]]


def run(name: str) -> Any:
    """Run a scenario on a routing that knows one query, in a process of its own: it changes Daft."""
    import ray

    ray.get_runtime_context = lambda: SimpleNamespace(current_actor=None)
    scenario: Scenario = globals()[name]

    async def begun() -> Any:
        routing = InstanceRouting()
        routing.expect(QUERY, [ExpectedInstance(KEY, "Model", None)])
        return await asyncio.wait_for(scenario(routing), 20)

    return asyncio.run(begun())


def runs(*actors: Actor) -> list[int]:
    return [len(actor.runs) for actor in actors]


def built(routing: InstanceRouting, worker: str) -> None:
    figures = {
        "bytes": 1,
        "peak_bytes": 1,
        "seconds": 60.0,
        "available": 9 << 30,
        "total": 10 << 30,
    }
    routing.note(worker, "building", KEY, {})
    routing.note(worker, "built", KEY, figures)


def kind(result: Any) -> str:
    return type(result).__name__


def died() -> Exception:
    import ray

    error: Exception = ray.exceptions.ActorDiedError()
    return error


def no_protoplast() -> Exception:
    import ray

    cause = ModuleNotFoundError("No module named 'protoplast'")
    error: Exception = ray.exceptions.RayTaskError("__ray_call__", str(cause), cause)
    return error


async def node_without_protoplast(routing: InstanceRouting) -> Any:
    first, second = Actor(no_protoplast()), Actor(no_protoplast())
    handles = [handle(routing, "w0", first), handle(routing, "w1", second)]
    results = [send(handles[index])[1] for index in (0, 1, 1)]
    await settle()
    at_once = runs(first, second)
    for run in first.runs + second.runs:
        run.end()
    kinds = {kind(await result) for result in results}
    return [at_once, first.asked, second.asked, sorted(kinds)]


def test_tasks_run_where_daft_sends_them_if_the_node_has_no_protoplast() -> None:
    at_once, *asked, kinds = in_new_process(run, "node_without_protoplast")
    assert at_once == [1, 2], "none waits for another"
    assert asked == [1, 1], "a worker is asked once a query"
    assert kinds == ["SuccessRay"]


async def dead_worker(routing: InstanceRouting) -> Any:
    actor = Actor(died())
    _, result = send(handle(routing, "w0", actor))
    await settle()
    actor.runs[0].end(died())
    return kind(await result)


def test_daft_is_told_that_the_worker_it_has_chosen_has_died() -> None:
    assert in_new_process(run, "dead_worker") == "WorkerDied"


async def holder_dies(routing: InstanceRouting) -> Any:
    first, second = Actor(), Actor()
    handles = [handle(routing, "w0", first), handle(routing, "w1", second)]
    _, own = send(handles[0])
    await settle()
    built(routing, "w0")
    first.runs[0].end()
    await own
    _, routed = send(handles[1])
    await settle()
    before = runs(first, second)
    first.runs[1].end(died())
    await settle()
    after = runs(first, second)
    second.runs[0].end()
    _, unaware = send(handles[0])
    await settle()
    first.runs[2].end(died())
    return [before, after, kind(await routed), kind(await unaware)]


def test_a_task_whose_holder_has_died_runs_on_the_worker_that_daft_has_chosen() -> None:
    before, after, result, unaware = in_new_process(run, "holder_dies")
    assert before == [2, 0]
    assert after == [2, 1]
    assert result == "SuccessRay"
    assert unaware == "WorkerDied", "Daft learns of it from the next task that it sends there"


async def worker_is_replaced(routing: InstanceRouting) -> Any:
    old, new = Actor(), Actor()
    _, late = send(handle(routing, "w0", old))
    await settle()
    replaced = handle(routing, "w0", new)
    _, first = send(replaced)
    await settle()
    built(routing, "w0")
    old.runs[0].end(died())
    kinds = [kind(await late)]
    _, second = send(replaced)
    await settle()
    busy = runs(new)
    new.runs[0].end()
    kinds.append(kind(await first))
    await settle()
    new.runs[1].end()
    kinds.append(kind(await second))
    routing.end_query(QUERY)
    return [busy, kinds, len(new.told)]


def test_a_late_death_is_not_taken_for_that_of_the_worker_in_its_place() -> None:
    busy, kinds, told = in_new_process(run, "worker_is_replaced")
    assert busy == [1], "the new worker is known to have one slot"
    assert kinds == ["WorkerDied", "SuccessRay", "SuccessRay"]
    assert told == 1, "the new worker is told that the query has ended"


async def worker_is_unavailable(routing: InstanceRouting) -> Any:
    import ray

    actor = Actor(ray.exceptions.ActorUnavailableError("no answer", b"0" * 16))
    daft_handle = handle(routing, "w0", actor)
    results = []
    for _ in range(2):
        results.append(send(daft_handle)[1])
        await settle()
    for run in actor.runs:
        run.end()
    return [actor.asked, [kind(await result) for result in results]]


def test_a_worker_that_could_not_be_reached_is_asked_again() -> None:
    asked, kinds = in_new_process(run, "worker_is_unavailable")
    assert asked == 2
    assert kinds == ["SuccessRay"] * 2


async def other_query_waits(routing: InstanceRouting) -> Any:
    actor = Actor()
    daft_handle = handle(routing, "w0", actor)
    _, result = send(daft_handle)
    await settle()
    built(routing, "w0")
    routing.expect("other", [ExpectedInstance(KEY, "Model", None)])
    actor.runs[0].end()
    await result
    for query in (QUERY, "other"):
        routing.end_query(query)
    return actor.told


def test_workers_keep_an_instance_for_a_query_that_has_had_no_task_there_yet() -> None:
    assert in_new_process(run, "other_query_waits") == [
        [QUERY, 0, {KEY: ["other"]}],
        ["other", 0, {}],
    ]


async def waiting_task_is_cancelled(routing: InstanceRouting) -> Any:
    first, second = Actor(), Actor()
    handles = [handle(routing, "w0", first), handle(routing, "w1", second)]
    _, building = send(handles[0])
    await settle()
    routing.note("w0", "building", KEY, {})
    waiting, cancelled = send(handles[1])
    _, other = send(handles[1])
    await settle()
    before = runs(first, second)
    await asyncio.get_running_loop().run_in_executor(None, waiting.cancel)
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    built(routing, "w0")
    first.runs[0].end()
    await building
    await settle()
    first.runs[1].end()
    return [before, runs(first, second), kind(await other)]


def test_a_task_that_is_cancelled_while_it_waits_never_runs() -> None:
    before, after, result = in_new_process(run, "waiting_task_is_cancelled")
    assert before == [1, 0]
    assert after == [2, 0]
    assert result == "SuccessRay"
