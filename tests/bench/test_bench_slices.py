"""In slices, systems of the bench are frozen while others work, and meet the same noise."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from bench.measure.slices import take_slices
from bench.processes.cgroup import cgroup, is_possible
from bench.processes.child import ChildError

needs_cgroups = pytest.mark.skipif(not is_possible(), reason="this user cannot make cgroups")


class Clock:
    """The time, and who works."""

    def __init__(self) -> None:
        self.now = 100.0
        self.awake: list[str] = []
        self.turns = ""


class Worker:
    """Has its answer after so many seconds of work; the question comes `late` seconds into it."""

    def __init__(self, name: str, clock: Clock, needs_s: float, late: float = 0.0) -> None:
        self.name = name
        self.clock = clock
        self.left = needs_s + late
        self.late = late
        self.answer: dict[str, Any] = {}

    def send(self, question: Any) -> None:
        assert not self.clock.awake
        self.answer = {"rows": question}

    def thaw(self) -> None:
        assert not self.clock.awake, "one works at a time"
        self.clock.awake.append(self.name)
        self.clock.turns += self.name
        self.answer.setdefault("began", self.clock.now + self.late)

    def receive(self, within: float) -> dict[str, Any] | None:
        works = min(self.left, within)
        self.left -= works
        self.clock.now += works
        if self.left:
            return None
        self.answer["ended"] = self.clock.now
        # Until the answer is read it works on.
        self.clock.now += 0.25
        return self.answer

    def freeze(self) -> None:
        self.clock.awake.remove(self.name)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("bench.measure.slices.time.monotonic", lambda: made.now)
    return made


def test_systems_share_the_time_and_only_their_own_work_counts(clock: Clock) -> None:
    workers = {
        "a": Worker("a", clock, needs_s=2.0),
        "b": Worker("b", clock, needs_s=2.5, late=0.5),
        "c": Worker("c", clock, needs_s=0.75),
    }
    taken = dict(take_slices(workers, [[7]], 1.0, random.Random(1)))
    assert {name: answer["seconds"] for name, answer in taken.items()} == {
        "a": 2.0,
        "b": 2.5,
        "c": 0.75,
    }
    assert taken["a"]["rows"] == [[7]]
    assert sorted(clock.turns[:3]) == ["a", "b", "c"]
    assert sorted(clock.turns[3:5]) == ["a", "b"]
    assert clock.turns[5:] == "b"


def test_a_system_that_never_answers_ends_the_run(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.measure.slices.ANSWER_S", 5.0)
    workers = {"a": Worker("a", clock, needs_s=2.0), "b": Worker("b", clock, needs_s=1e9)}
    with pytest.raises(ChildError, match="b took more than 5 s for work"):
        list(take_slices(workers, "work", 1.0, random.Random(1)))


# Ends at once, and leaves a process that writes for ever.
LEAVES_ONE = """
import subprocess, sys
sys.stdin.read()
subprocess.Popen([sys.executable, "-c", "while True: print(1, flush=True)"])
"""


@needs_cgroups
def test_all_that_a_system_started_is_held_still_and_ends_with_its_cgroup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.processes.cgroup.END_S", 0.0)
    file = tmp_path / "written"
    with cgroup("test") as made:
        with (
            file.open("w") as written,
            subprocess.Popen(
                [sys.executable, "-c", LEAVES_ONE], stdin=subprocess.PIPE, stdout=written
            ) as process,
        ):
            made.add(process.pid)
        grows(file)
        made.freeze()
        size = file.stat().st_size
        time.sleep(0.1)
        assert file.stat().st_size == size
        made.thaw()
        grows(file)
    assert not made.folder.exists()


def grows(file: Path) -> None:
    """Wait until a file is longer than it is."""
    size = file.stat().st_size
    until = time.monotonic() + 30
    while file.stat().st_size == size:
        assert time.monotonic() < until
        time.sleep(0.01)


def test_where_no_cgroup_can_be_made_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.processes.cgroup.own_folder", lambda: Path("/proc"))
    with pytest.raises(SystemExit, match="run without --slice"), cgroup("test"):
        pass
