"""Holds the processes of a system in a cgroup, and freezes them while others work (Linux 5.2)."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

# A freeze takes microseconds, except for processes that are in a slow system call.
LOOK_S = 0.0002
# The processes that a system has started end with it. Those that do not are killed.
END_S = 20.0
END_LOOK_S = 0.05


class Cgroup:
    """The processes of one system, and all that they start.

    Args:
        folder: The cgroup's folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, pid: int) -> None:
        """Move a process into the cgroup, before it starts others."""
        Path(self.folder, "cgroup.procs").write_text(str(pid))

    def pids(self) -> list[int]:
        """The processes that are in the cgroup now."""
        return [int(pid) for pid in Path(self.folder, "cgroup.procs").read_text().split()]

    def freeze(self) -> None:
        """Freeze all processes, and return when they are frozen."""
        Path(self.folder, "cgroup.freeze").write_text("1")
        while not self.has("frozen 1"):
            time.sleep(LOOK_S)

    def thaw(self) -> None:
        Path(self.folder, "cgroup.freeze").write_text("0")

    def has(self, event: str) -> bool:
        return event in Path(self.folder, "cgroup.events").read_text()

    def remove(self) -> None:
        """Wait until all processes have ended, kill those that have not, and take the cgroup away."""
        until = time.monotonic() + END_S
        while self.has("populated 1"):
            if time.monotonic() > until:
                Path(self.folder, "cgroup.kill").write_text("1")
            time.sleep(END_LOOK_S)
        self.folder.rmdir()


@contextlib.contextmanager
def cgroup(name: str) -> Iterator[Cgroup]:
    """Make a cgroup, and remove it when its processes have ended.

    Raises:
        SystemExit: This user cannot make cgroups here.
    """
    folder = own_folder() / f"bench-{os.getpid()}-{name}"
    try:
        folder.mkdir()
    except OSError as error:
        raise SystemExit(
            f"error: --slice needs a cgroup v2 that can be written: {error}; run without --slice"
        ) from None
    made = Cgroup(folder)
    try:
        yield made
    finally:
        made.remove()


def is_possible() -> bool:
    """Whether this user can make cgroups here."""
    return os.access(own_folder(), os.W_OK)


def own_folder() -> Path:
    """The folder of this process's own cgroup (cgroups(7): the line `0::` is that of v2)."""
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    mounted = next((fields[1] for fields in mounts if fields[2] == "cgroup2"), "/sys/fs/cgroup")
    lines = Path("/proc/self/cgroup").read_text().splitlines()
    own = next((line[3:] for line in lines if line.startswith("0::")), "/")
    return Path(mounted + own)
