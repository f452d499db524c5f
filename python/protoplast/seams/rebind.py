"""Gives a function other global names, or an object other attributes, without changing either."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any


class Overlay:
    """A stand-in for an object, with some attributes replaced.

    Args:
        base: The object, which is not changed.
        **replaced: The replaced attributes, by name.
    """

    def __init__(self, base: Any, **replaced: Any) -> None:
        self._base = base
        self.__dict__.update(replaced)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._base, name)


def rebound(function: Callable[..., Any], names: dict[str, Any]) -> Callable[..., Any]:
    """Return a copy of a function that reads other values for some global names.

    Args:
        function: A plain Python function. Neither the function nor its module is changed.
        names: The values that the copy reads, by global name.
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
