"""Translates Ray's errors about processes and nodes that died into protoplast's own."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Generator
from typing import Any

from protoplast.errors import ProtoplastError, ResultLostError, RunnerDiedError
from protoplast.seams.daft import Seams
from protoplast.seams.edits import Edits


@contextlib.contextmanager
def translate_ray_errors(ray: Any) -> Generator[None, None, None]:
    """Translate the Ray errors that the block raises. Ray's error stays as the cause.

    An error of protoplast's from another process is raised as itself, without that process's traceback.

    Raises:
        ResultLostError: Ray has lost the rows that the block reads.
    """
    try:
        yield
    except ray.exceptions.ObjectFetchTimedOutError:
        raise
    except ray.exceptions.ObjectLostError as error:
        raise ResultLostError(
            "rows that this needs are lost: the process that owned them (Daft's runner) or the node "
            "that held them has died. Collect the DataFrame that they belong to again. All other "
            f"DataFrames stay readable. Ray says: {_last_line(error)}"
        ) from error
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, ProtoplastError):
            raise error.cause from error
        raise


@contextlib.contextmanager
def translate_runner_death(ray: Any, runner: Any, name: str) -> Generator[None, None, None]:
    """Translate the Ray errors of a query, and the death of the runner actor that runs it.

    Args:
        ray: The `ray` module.
        runner: The handle of the runner actor.
        name: The name of the runner actor.

    Raises:
        RunnerDiedError: The runner actor has died, or Ray cannot reach it.
        ResultLostError: Ray has lost rows that the query needs.
    """
    try:
        with translate_ray_errors(ray):
            yield
    except (ray.exceptions.ActorDiedError, ray.exceptions.ActorUnavailableError) as error:
        if error.actor_id != runner._actor_id.hex():
            raise
        happened = (
            f"Daft's runner actor {name} died while it ran this query, so the query has no answer."
        )
        if isinstance(error, ray.exceptions.ActorUnavailableError):
            # The runner may have died without a slow head noticing it yet.
            happened = f"Ray cannot reach Daft's runner actor {name}, so this query has no answer."
        raise RunnerDiedError(
            f"{happened} Run it again: the next query gets a new runner and new workers. DataFrames "
            "that were collected before may be lost with it, and say so when they are read; collect "
            f"those again. Ray says: {_last_line(error)}"
        ) from error


def translate_read_errors(edits: Edits, seams: Seams) -> None:
    """Have Daft's functions that read results raise `ResultLostError` if the rows are lost.

    Args:
        edits: Records the changes to Daft.
        seams: The checked seams.
    """
    for owner, name in seams.readers:
        edits.set(owner, name, _reading(vars(owner)[name], seams.ray))


def _reading(original: Callable[..., Any], ray: Any) -> Callable[..., Any]:
    @functools.wraps(original)
    def read(*args: Any, **kwargs: Any) -> Any:
        with translate_ray_errors(ray):
            return original(*args, **kwargs)

    return read


def _last_line(error: Exception) -> str:
    return str(error).strip().rpartition("\n")[2].strip()
