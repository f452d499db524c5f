"""The death of a runner is named plainly, and that of another actor is not taken for it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import ray
from ray.exceptions import ActorDiedError, ActorUnavailableError

from protoplast import RunnerDiedError
from protoplast.driver.ray_errors import translate_runner_death

RUNNER = SimpleNamespace(_actor_id=ray.ActorID(b"r" * 16))


def died() -> Any:
    error = ActorDiedError()
    error.actor_id = RUNNER._actor_id.hex()
    return error


def unavailable() -> Any:
    """What Ray says of an actor that has died, if a slow head has not noticed it yet."""
    return ActorUnavailableError("RPC error: Socket closed", RUNNER._actor_id.binary())


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (died(), "Daft's runner actor name died while it ran this query"),
        (unavailable(), "Ray cannot reach Daft's runner actor name"),
    ],
)
def test_a_runner_that_is_gone_is_named(error: Exception, says: str) -> None:
    with (
        pytest.raises(RunnerDiedError, match=says),
        translate_runner_death(ray, RUNNER, "name"),
    ):
        raise error


def test_the_actor_of_a_udf_is_no_runner() -> None:
    other = ActorUnavailableError("RPC error", b"u" * 16)
    with pytest.raises(ActorUnavailableError), translate_runner_death(ray, RUNNER, "name"):
        raise other
