"""A worker that Ray has lost sight of has surely ended before what it wrote is written again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import ray

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
