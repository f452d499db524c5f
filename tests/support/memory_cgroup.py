"""Cgroups with a limit of memory, as containers have them (version 1)."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

MOUNTED = Path("/sys/fs/cgroup/memory")
# How long processes that were told to end may take, in seconds.
_END_S = 30.0

# Moves the shell into the cgroup, shows it that cgroup as the only one, and starts a command.
_AS_CONTAINER = (
    'echo $$ > "$0/cgroup.procs" && exec unshare --cgroup --mount sh -c '
    f'\'umount {MOUNTED} && mount -t cgroup -o memory none {MOUNTED} && exec "$@"\' sh "$@"'
)


@contextlib.contextmanager
def memory_cgroup(limit: int) -> Iterator[Path]:
    """Make a cgroup below this process's own, or skip the test.

    Args:
        limit: The memory that its processes may take, in bytes.
    """
    lines = Path("/proc/self/cgroup").read_text().splitlines()
    cgroups = [line.split(":", 2) for line in lines]
    own = next((path for _, names, path in cgroups if "memory" in names.split(",")), "")
    folder = Path(f"{MOUNTED}{own}", f"test-{os.getpid()}")
    try:
        folder.mkdir()
    except OSError as error:
        pytest.skip(f"no cgroup of version 1 that limits memory can be made: {error}")
    try:
        Path(folder, "memory.limit_in_bytes").write_text(str(limit))
        yield folder
    finally:
        _remove(folder)


def as_container(folder: Path) -> list[str]:
    """Return the command that runs another one in a cgroup, as in a container, or skip the test.

    Ray reads the limit of the outermost cgroup that it sees, which is the cgroup of its container.

    Args:
        folder: The folder of the cgroup.
    """
    tried = subprocess.run(["unshare", "--cgroup", "--mount", "true"], capture_output=True)
    if tried.returncode:
        pytest.skip(f"no namespaces can be made: {tried.stderr.decode().strip()}")
    return ["sh", "-c", _AS_CONTAINER, str(folder)]


def figures(folder: Path, name: str) -> dict[str, int]:
    """Return the figures in a file of a cgroup; that of a file with one figure has no name."""
    lines = [line.split() for line in Path(folder, name).read_text().splitlines()]
    return {" ".join(names): int(figure) for *names, figure in lines}


def _remove(folder: Path) -> None:
    deadline = time.monotonic() + _END_S
    while Path(folder, "cgroup.procs").read_text() and time.monotonic() < deadline:
        time.sleep(0.2)
    folder.rmdir()
