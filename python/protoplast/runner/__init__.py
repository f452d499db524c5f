"""Code that runs in the process of a runner actor: it starts workers, serves queries and retires."""

from __future__ import annotations

import importlib
from typing import Any


def __getattr__(name: str) -> Any:
    """Import `calls` when it is first used.

    The driver names its functions, and so imports it while the process starts that runs them.
    """
    if name != "calls":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return importlib.import_module(f"{__name__}.{name}")
