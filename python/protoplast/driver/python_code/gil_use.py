"""Asks the workers of a query how they used their GIL while it ran."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from typing import Any

logger = logging.getLogger(__name__)


class GilUse:
    """How the workers of a query use their GIL from now on. No error of it reaches the query.

    Args:
        ask: Sends a function with its arguments into the runner that runs the query, and returns the
            reference of the answer.
    """

    def __init__(self, ask: Callable[..., Any]) -> None:
        self._send = ask
        self._query = uuid.uuid4().hex
        self._ask("begin_gil_use")

    def end(self) -> Any:
        """Ask how they used it. Returns the reference of the answer, or None if none will come."""
        return self._ask("end_gil_use")

    def _ask(self, name: str) -> Any:
        from protoplast.runner import profile_calls  # Few queries need what it imports.

        try:
            return self._send(getattr(profile_calls, name), self._query)
        except Exception as error:
            logger.debug("the workers are not asked about their GIL: %s", error)
            return None
