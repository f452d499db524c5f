"""Fixtures of all tests, and the watch over processes that would be left behind."""

from __future__ import annotations

import os
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.shared_driver import Scenarios

# Inherited by every process that a test starts, Ray's daemons among them.
_MARK = "PROTOPLAST_TEST_RUN"
_PATIENCE_S = 20.0


@pytest.fixture(scope="session", autouse=True)
def no_process_left_behind() -> Iterator[None]:
    os.environ[_MARK] = uuid.uuid4().hex
    # Ray's switch for "one machine only": every server listens on loopback, clients look there.
    os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
    yield
    deadline = time.monotonic() + _PATIENCE_S
    while (left := _marked(os.environ[_MARK])) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not left, f"left behind: {left}"


@pytest.fixture(scope="session")
def scenarios() -> Iterator[Scenarios]:
    """Runs functions on a driver that tests share, one after the other."""
    scenarios = Scenarios()
    yield scenarios
    scenarios.end()


@pytest.fixture
def short_tmp_path() -> Iterator[Path]:
    """A folder with a path short enough for Ray's sockets, which pytest's own has not."""
    # Ray's daemons may still write while they end.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _marked(mark: str) -> dict[int, str]:
    found = {}
    for process in Path("/proc").iterdir():
        if not process.name.isdigit() or int(process.name) == os.getpid():
            continue
        try:
            if f"{_MARK}={mark}".encode() in (process / "environ").read_bytes():
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                found[int(process.name)] = command
        except (FileNotFoundError, PermissionError, ProcessLookupError):
            continue
    return found
