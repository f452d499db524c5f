"""What Ray says of a process or node that died, said plainly."""

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
    """Raise what a user is to see of an error of Ray's; Ray's own stays as its cause.

    Protoplast's own errors from another process are raised as themselves, without the traceback of
    that process, and lost data as `ResultLostError`.
    """
    try:
        yield
    except ray.exceptions.ObjectFetchTimedOutError:
        raise
    except ray.exceptions.ObjectLostError as error:
        raise ResultLostError(
            "rows that this needs are lost: the process that owned them (Daft's runner) or the node "
            "that held them has died. Collect the DataFrame that they belong to again. What others "
            f"own is still there. Ray says: {_last_line(error)}"
        ) from error
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, ProtoplastError):
            raise error.cause from error
        raise


@contextlib.contextmanager
def translate_runner_death(ray: Any, runner: Any, name: str) -> Generator[None, None, None]:
    """The same, for a query that runs on a runner.

    Args:
        ray: The module.
        runner: The handle of the runner actor.
        name: Its name.
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
            # Such as after its death, where the head is too slow to have noticed.
            happened = f"Ray cannot reach Daft's runner actor {name}, so this query has no answer."
        raise RunnerDiedError(
            f"{happened} Run it again: the next query gets a new runner and new workers. DataFrames "
            "that were collected before may be lost with it, and say so when they are read; collect "
            f"those again. Ray says: {_last_line(error)}"
        ) from error


def translate_read_errors(edits: Edits, seams: Seams) -> None:
    """Have Daft's functions that read results say plainly that they are lost.

    Args:
        edits: Where the changes are recorded.
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
