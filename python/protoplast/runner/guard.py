"""Replaces Daft's worker classes in the process of a runner, so that only a launch starts workers."""

from __future__ import annotations

from typing import Any

from protoplast.errors import NotInEffectError


class Guard:
    """Stands in for a Daft class that only a `WorkerLaunch` may use to start workers.

    If Daft starts a worker without the cluster view, it meets the guard, and the query fails before a
    worker of the wrong shape exists. All other attributes are those of the class, because Ray looks
    names up in the class when it pickles it.

    Args:
        name: The name of the class in `daft.runners.flotilla`.
        original: The class.
    """

    def __init__(self, name: str, original: Any) -> None:
        self._name = name
        self._original = original

    def __call__(self, *_args: Any, **_kwargs: Any) -> Any:
        """Refuse to start or register a worker."""
        raise NotInEffectError(
            f"Daft used {self._name} without protoplast's view of the cluster, so this query would have "
            "run on Daft's own workers. The query was stopped. Call rollback_flotilla_patches() to use "
            "Daft's own workers, or install a Daft release that protoplast supports"
        )

    options = remote = __call__

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)
