"""An object as it is, but for some of its attributes."""

from __future__ import annotations

from typing import Any


class Overlay:
    """An object as it is, but for some of its attributes.

    Args:
        base: The object. It is not changed.
        **replaced: The attributes that are others.
    """

    def __init__(self, base: Any, **replaced: Any) -> None:
        self._base = base
        self.__dict__.update(replaced)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._base, name)
