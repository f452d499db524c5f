"""The working directory and the environment of the process that asks a cluster.

A user may call the command in any folder, such as a downloaded one, and Python must not run code from
it, neither here nor on the nodes: Ray makes the workers of a job search the folder in which its driver
was started (`connect` in `ray/_private/worker.py`, Ray 2.59).
"""

from __future__ import annotations

import os
from collections.abc import Mapping

# The folder that the process starts in, in which nobody can create a file.
FOLDER = "/proc"

_SEARCHED = "PYTHONPATH"

# Ray's environment variables that hold paths, and Python's for temporary files. A user may give each
# path relative to the working directory of the command.
_PATHS = (
    "RAY_AUTH_TOKEN_PATH",
    "RAY_TLS_CA_CERT",
    "RAY_TLS_SERVER_CERT",
    "RAY_TLS_SERVER_KEY",
    "RAY_TMPDIR",
    "TMPDIR",
)

_FIXED = {
    # Under `uv run` Ray would upload the driver's folder and start its tasks there.
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
}

_DEFAULTS = {
    # How many times Ray tries to reach the head, once a second, instead of its default of 20. Ray
    # reads this when it is imported (ray_constants.py, Ray 2.47 to 2.59).
    "RAY_NUM_REDIS_GET_RETRIES": "5",
}


def here() -> str:
    """Return the working directory of the command, or `FOLDER` if that directory was deleted."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        return FOLDER


def environment(given: Mapping[str, str], folder: str, own: str) -> dict[str, str]:
    """Return the environment of the process.

    Args:
        given: The environment of the command.
        folder: The working directory of the command.
        own: The folder that protoplast was imported from.
    """
    made = {**_DEFAULTS, **given, **_FIXED}
    for name in _PATHS:
        path = given.get(name)
        if path and not path.startswith(("/", "~")):
            made[name] = os.path.join(folder, path)
    searched = _searched(given.get(_SEARCHED, ""), folder, own)
    if searched:
        made[_SEARCHED] = os.pathsep.join(searched)
    else:
        made.pop(_SEARCHED, None)
    return made


def _searched(path: str, folder: str, own: str) -> list[str]:
    """Return the entries of a search path that do not depend on the command's working directory.

    An empty entry stands for that directory. The folder that holds protoplast stays in any case, because
    the command already runs code from it.
    """
    here, own = os.path.realpath(folder), os.path.realpath(own)
    kept = []
    for entry in path.split(os.pathsep):
        real = os.path.realpath(os.path.join(folder, entry))
        if real == own or (os.path.isabs(entry) and real != here):
            kept.append(real if real == own else entry)
    return kept
