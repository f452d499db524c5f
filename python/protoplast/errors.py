"""Every error that protoplast raises. All derive from `ProtoplastError`."""

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
    """The installed Daft or Ray lacks something that the patch relies on. Nothing was touched."""


class ForeignPatchError(ProtoplastError):
    """Another library has patched over protoplast's patch, so it cannot be taken back whole."""


class RunnerDiedError(ProtoplastError):
    """Daft's runner actor died while it ran the query. The next query gets a new one."""


class ResultLostError(ProtoplastError):
    """Collected rows, or rows that a query was working on, died with a process or a node."""
