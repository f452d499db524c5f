"""Tells whether another process could import a function, and which protoplast it has.

A function that runs in an actor travels by its import path. A cluster without protoplast does not have
that path, and a cluster with another version may not have it.
"""

from __future__ import annotations

import re
from typing import Any

# How long an actor may take to say its version, in seconds.
_ANSWER_TIMEOUT_S = 10.0

_NOT_IMPORTED = re.compile(
    r"No module named 'protoplast|Can't get attribute .* on <module 'protoplast"
)


def could_not_import(error: Exception) -> bool:
    """Return whether a process could not import the function that was sent to it.

    Args:
        error: The error that Ray raised for the call.
    """
    return _NOT_IMPORTED.search(str(error)) is not None


def version_in(actor: Any, ray: Any) -> str | None:
    """Return the version of protoplast in the process of an actor.

    Args:
        actor: The handle of the actor.
        ray: The `ray` module.

    Returns:
        The version, or None if the process has no protoplast that can be imported, or does not answer in
        time.

    Raises:
        ray.exceptions.ActorDiedError: The actor has died.
    """

    def version(_actor: Any) -> str | None:
        """Ray sends this by value, as a function within a function, so it runs without protoplast."""
        try:
            from protoplast import _core

            return str(_core.__version__)
        except Exception:  # It is missing, or fails to load.
            return None

    try:
        found: str | None = ray.get(actor.__ray_call__.remote(version), timeout=_ANSWER_TIMEOUT_S)
    except (ray.exceptions.GetTimeoutError, ray.exceptions.RayTaskError):
        # The caller reports that a function could not be imported, which is known in any case.
        return None
    return found
