"""How a query on one worker ends if the worker is lost, or never comes up; no Ray runs."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
import ray

from protoplast.errors import NotInEffectError
from protoplast.runner.whole import results


class FakeActor:
    """An actor whose calls fail as Ray's do: first it cannot be reached, and then it has died."""

    def __init__(self, unreachable: int) -> None:
        self.unreachable = unreachable
        self.calls = 0

    @property
    def __ray_call__(self) -> FakeActor:
        return self

    def remote(self, _function: Any) -> Any:
        return self._call()

    async def _call(self) -> None:
        self.calls += 1
        if self.calls == 1:
            return  # It still lives, and answers.
        if self.calls <= 1 + self.unreachable:
            raise ray.exceptions.ActorUnavailableError("unreachable", None)
        raise ray.exceptions.ActorDiedError()


def test_a_lost_worker_is_ended_and_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[Any] = []
    monkeypatch.setattr(
        ray, "kill", lambda actor, *, no_restart: killed.append((actor, no_restart))
    )
    monkeypatch.setattr(results, "_END_INTERVAL_S", 0.0)
    actor = FakeActor(unreachable=3)
    asyncio.run(results._end(actor))
    assert killed == [(actor, True)]
    assert actor.calls == 5


def results_of(error: Exception) -> results.Results:
    """A whole query whose workers cannot be started."""

    def ready(*_timeout: int) -> Any:
        raise error

    view: Any = SimpleNamespace(started=[object()], ready=ready)
    query: Any = SimpleNamespace(tables={}, memory_bytes=1, startup_timeout=None)
    found = results.Results(None, view, "plan", None, {}, query)
    view.started = []
    return found


def test_a_query_runs_in_tasks_if_its_node_has_gone() -> None:
    found = results_of(RuntimeError("No workers became available"))
    assert asyncio.run(found._run_whole()) is None
    assert found.failure == "no worker could be started (No workers became available)"
    assert not found.is_lasting


def test_an_error_of_the_layout_is_raised() -> None:
    with pytest.raises(NotInEffectError):
        asyncio.run(results_of(NotInEffectError("other workers"))._run_whole())
