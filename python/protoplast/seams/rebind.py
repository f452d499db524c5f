"""Other values for some global names of a function, or for some attributes of an object."""

from __future__ import annotations

import types
from collections.abc import Callable
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


def rebound(function: Callable[..., Any], names: dict[str, Any]) -> Callable[..., Any]:
    """Return the same function with other values for some of the global names that it reads.

    Args:
        function: A plain Python function. It is not changed, and neither is its module.
        names: The global names and what the new function sees in their place.
    """
    assert isinstance(function, types.FunctionType)
    copy = types.FunctionType(
        function.__code__,
        {**function.__globals__, **names},
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy
