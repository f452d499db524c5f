"""Whether a function could be run in another process, and which protoplast is there.

A function that runs in an actor travels by its import path. A cluster without protoplast does not have
that path, and one with another version may not.
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
    """Return whether a function of protoplast's was not found in the process that it was sent to.

    Args:
        error: What Ray raises for the call.
    """
    return _NOT_IMPORTED.search(str(error)) is not None


def version_in(actor: Any, ray: Any) -> str | None:
    """Return the version of protoplast in the process of an actor, or None if it has none.

    Args:
        actor: The handle of the actor.
        ray: The module.

    Raises:
        ray.exceptions.RayError: The actor has died, or does not answer.
    """

    def version(_actor: Any) -> str | None:
        """Needs nothing of protoplast's: a function that is made in another is sent by value."""
        try:
            from protoplast import _core
        except ImportError:
            return None
        return str(_core.__version__)

    found: str | None = ray.get(actor.__ray_call__.remote(version), timeout=_ANSWER_TIMEOUT_S)
    return found
