"""Where the process that asks a cluster runs, and with which environment.

Whoever looks at a cluster may stand in any folder, such as one that was downloaded, and nothing in it
may be run for it. Nor may it be run on the nodes: Ray has the workers of a job search the folder in
which its driver was started (`connect` in `ray/_private/worker.py`, Ray 2.59).
"""

from __future__ import annotations

import os
from collections.abc import Mapping

# The folder that the process starts in: one in which nobody can put a file.
FOLDER = "/proc"

_SEARCHED = "PYTHONPATH"

# The variables of Ray's that hold paths, and that of Python's own temporary files. They may be relative
# to the folder that the user is in.
_PATHS = (
    "RAY_AUTH_TOKEN_PATH",
    "RAY_TLS_CA_CERT",
    "RAY_TLS_SERVER_CERT",
    "RAY_TLS_SERVER_KEY",
    "RAY_TMPDIR",
    "TMPDIR",
)

_FIXED = {
    # Under `uv run` Ray would upload the folder of the driver, and start its tasks in it.
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
}

_DEFAULTS = {
    # How often Ray tries to reach the head, once a second; 20 times by default. It reads this when it is
    # imported (ray_constants.py, Ray 2.47 to 2.59).
    "RAY_NUM_REDIS_GET_RETRIES": "5",
}


def here() -> str:
    """Return the folder that the command is called in; if it was deleted, one that has nothing in it."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        return FOLDER


def environment(given: Mapping[str, str], folder: str, own: str) -> dict[str, str]:
    """Return the environment of the process.

    Args:
        given: That of the command.
        folder: The folder that the command is called in.
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
    """Return the folders of a search path that are the same wherever the command is called.

    An empty one stands for the folder that the command is called in. What holds protoplast itself was
    trusted already.
    """
    here, own = os.path.realpath(folder), os.path.realpath(own)
    kept = []
    for entry in path.split(os.pathsep):
        real = os.path.realpath(os.path.join(folder, entry))
        if real == own or (os.path.isabs(entry) and real != here):
            kept.append(real if real == own else entry)
    return kept
