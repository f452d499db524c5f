"""Every error that protoplast raises. All of them derive from `ProtoplastError`."""

from __future__ import annotations

from protoplast._core import LayoutError, NotInEffectError, ProtoplastError, TaskTooLargeError

__all__ = [
    "ForeignPatchError",
    "LayoutError",
    "NotInEffectError",
    "ProtoplastError",
    "ResultLostError",
    "RunnerDiedError",
    "TaskTooLargeError",
    "UnsupportedDaftError",
]


class UnsupportedDaftError(ProtoplastError):
    """The installed Daft or Ray lacks something that the patch relies on. Nothing was changed."""


class ForeignPatchError(ProtoplastError):
    """Another library has patched Daft on top of protoplast, so rollback could not undo everything."""


class RunnerDiedError(ProtoplastError):
    """Daft's runner actor died while it ran the query. The next query gets a new runner."""


class ResultLostError(ProtoplastError):
    """A process or node died, and with it rows that were collected or that a query was working on."""
