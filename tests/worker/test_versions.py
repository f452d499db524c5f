"""Another protoplast is told from none, also if its process cannot say more; no Ray runs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import ray.exceptions

from protoplast.worker.versions import version_in


def ray_that(raises: Exception) -> Any:
    def get(_reference: Any, timeout: float) -> Any:
        raise raises

    return SimpleNamespace(get=get, exceptions=ray.exceptions)


ACTOR = SimpleNamespace(__ray_call__=SimpleNamespace(remote=lambda function: function))


@pytest.mark.parametrize(
    "error",
    [
        ray.exceptions.GetTimeoutError("after 10 s"),
        ray.exceptions.RayTaskError("version", "traceback", ValueError("it fails to load")),
    ],
    ids=["no answer", "an error"],
)
def test_a_process_that_does_not_say_its_version_has_none(error: Exception) -> None:
    assert version_in(ACTOR, ray_that(error)) is None


def test_a_dead_actor_is_told() -> None:
    with pytest.raises(ray.exceptions.ActorDiedError):
        version_in(ACTOR, ray_that(ray.exceptions.ActorDiedError()))


def test_a_package_that_fails_to_load_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = SimpleNamespace(get=lambda function, timeout: function(None), exceptions=ray.exceptions)
    assert version_in(ACTOR, asked) is not None
    monkeypatch.delattr("protoplast._core.__version__")
    assert version_in(ACTOR, asked) is None
