"""What stands where Daft's worker classes were, in the process of a runner."""

from __future__ import annotations

from typing import Any

from protoplast.errors import NotInEffectError


class Guard:
    """Stands in for a class of Daft's that only a `WorkerLaunch` may start workers with.

    Were Daft to start its workers past the view, it would meet this instead, and the query fails
    before a worker of the wrong shape exists. All else passes through: Ray looks names up in the
    class when it pickles it.

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
            f"Daft reached for {self._name} past protoplast's view of the cluster, so this query would "
            "have run on Daft's own workers. It was stopped. Run rollback_flotilla_patches() to use "
            "Daft's own workers, or a Daft release that protoplast supports"
        )

    options = remote = __call__

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)
