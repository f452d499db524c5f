"""Says why a cluster could not be asked, in the shape that Rust reads."""

from __future__ import annotations

from typing import Any


class UnreachableError(Exception):
    """A cluster could not be asked.

    Args:
        cause: One of the causes in `unreachable.rs`.
        address: The address that was tried.
        message: What Ray, Python or the system says about it.
    """

    def __init__(self, cause: str, address: str, message: str) -> None:
        super().__init__(message)
        self.payload: dict[str, Any] = {
            "unreachable": {"cause": cause, "address": address, "message": message}
        }
