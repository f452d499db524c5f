"""What this process takes, and what its machine or container has left, as the kernel accounts for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from protoplast._core import available_memory, memory_use, reset_peak_memory
from tests.support.memory_cgroup import memory_cgroup
from tests.support.process import in_new_process

MB = 1_000_000
TAKEN = 200 * MB
# What the interpreter and the kernel take or give back meanwhile.
LEAST, MOST = 150 * MB, 260 * MB
LIMIT = 1 << 30


def use_while_memory_is_taken() -> dict[str, tuple[int, int]]:
    used = {"before": memory_use()}
    taken = b"x" * TAKEN
    used["taken"] = memory_use()
    del taken
    used["freed"] = memory_use()
    assert reset_peak_memory()
    used["reset"] = memory_use()
    return used


def test_memory_that_is_taken_shows_and_stays_in_the_peak_until_it_is_reset() -> None:
    used = in_new_process(use_while_memory_is_taken)
    own = {moment: figures[0] for moment, figures in used.items()}
    peak = {moment: figures[1] for moment, figures in used.items()}
    assert LEAST < own["taken"] - own["before"] < MOST, used
    assert LEAST < own["taken"] - own["freed"] < MOST, used
    assert LEAST < peak["freed"] - peak["before"] < MOST, used
    assert LEAST < peak["freed"] - peak["reset"] < MOST, used


@pytest.fixture
def cgroup() -> Iterator[Path]:
    with memory_cgroup(LIMIT) as folder:
        yield folder


def left_in(folder: str) -> dict[str, tuple[int, int]]:
    Path(folder, "cgroup.procs").write_text(str(os.getpid()))
    left = {"before": available_memory()}
    taken = b"x" * TAKEN
    left["taken"] = available_memory()
    del taken
    left["freed"] = available_memory()
    return left


def test_a_cgroup_has_left_what_its_processes_do_not_take(cgroup: Path) -> None:
    left = in_new_process(left_in, str(cgroup))
    assert {total for _, total in left.values()} == {LIMIT}
    available = {moment: figures[0] for moment, figures in left.items()}
    assert LIMIT - LEAST < available["before"] <= LIMIT, left
    assert LEAST < available["before"] - available["taken"] < MOST, left
    assert LEAST < available["freed"] - available["taken"] < MOST, left
