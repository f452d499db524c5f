"""Joins a running cluster as a driver, for a short time and without any output."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
from typing import Any

from protoplast.cluster_client.failure import UnreachableError

# Ray's name for the cluster in RAY_ADDRESS, or else on this machine.
_AUTO = "auto"

# Ray's name for a new cluster, which the command must never start.
_LOCAL = "local"

_CLIENT = "ray://"

# How long the head may take to accept a connection, in seconds. Ray itself would try for minutes.
_CONNECT_LIMIT_S = 5.0

# What Ray writes to the standard error if a token is missing or wrong (gcs_client.cc, Ray 2.51 to 2.59).
_REFUSED_TOKEN = "Unauthenticated"


def attach(address: str | None) -> Any:
    """Join a running cluster, and return the `ray` module.

    Args:
        address: The address of the cluster, or None for the cluster that Ray finds by itself.

    Raises:
        UnreachableError: The cluster cannot be joined.
    """
    given = address or os.environ.get("RAY_ADDRESS") or _AUTO
    if given == _LOCAL:
        raise UnreachableError("no_cluster", given, "the address stands for a new cluster")
    try:
        import ray
    except ImportError as error:
        raise UnreachableError("no_ray", given, str(error)) from error
    _probe(given)
    written = _written()
    try:
        ray.init(given, namespace="protoplast", log_to_driver=False, logging_level=logging.CRITICAL)
    except Exception as error:
        raise UnreachableError(_cause(address, error, written), given, _message(error)) from error
    return ray


def _probe(address: str) -> None:
    host, _, port = address.removeprefix(_CLIENT).partition("/")[0].rpartition(":")
    if not port.isdecimal():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), _CONNECT_LIMIT_S).close()
    except (OSError, OverflowError) as error:
        raise UnreachableError("nothing_there", address, str(error)) from error


def _cause(address: str | None, error: Exception, written: int) -> str:
    if type(error).__name__ == "AuthenticationError" or _REFUSED_TOKEN in str(error):
        return "token"
    if "ersion mismatch" in str(error):
        return "versions"
    if isinstance(error, ConnectionError):
        if _REFUSED_TOKEN in _errors_since(written):
            return "token"
        if "RAY_ADDRESS" not in os.environ and address in (None, _AUTO):
            return "no_cluster"
        return "silent"
    return "refused"


def _message(error: Exception) -> str:
    """Return the first lines of Ray's error, which name the versions if these differ."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    # A Ray Client passes on its server's traceback, of which only the last line matters.
    part = lines[-1:] if any(line.startswith("Traceback") for line in lines) else lines[:3]
    return " ".join(part) or type(error).__name__


def _written() -> int:
    """Return how many bytes the standard error has, if it is a file."""
    with contextlib.suppress(OSError):
        return os.fstat(2).st_size
    return 0


def _errors_since(written: int) -> str:
    """Return what was written to the standard error since then, if it is a readable file.

    Args:
        written: How many bytes it had then.
    """
    with contextlib.suppress(OSError):
        return os.pread(2, 1 << 20, written).decode(errors="replace")
    return ""
