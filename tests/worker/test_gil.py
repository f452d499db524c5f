"""The GIL of a process is measured, against code of known shares; the thread begins and ends."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from protoplast.worker import gil
from tests.support.fault_queries import wait_for
from tests.support.process import in_new_process
from tests.worker.gil_loads import LOADS, cpu_s_of_thread, in_threads

THREAD = "protoplast-gil"

# How long a load is watched, in seconds. Some 400 questions give a share of a half with a standard
# deviation of 2.5 points.
WATCHED_S = 6.0

# How far a share may be off: the 5 points that are promised, and what noise adds to that on a machine
# whose cores are busy with other tests.
TOLERANCE = 0.05
NOISE = 0.07

# What the thread may take of a core on such a machine.
MOST_CPU = 0.02


def watched(name: str, threads: int = 1) -> list[float]:
    """Run a load; returns the shares measured and known, the CPUs that it took, the part waited."""
    load = LOADS[name]()
    assert gil.start()
    before, begun = gil.counters(), time.perf_counter()
    held = in_threads(load, threads, WATCHED_S)
    elapsed, after = time.perf_counter() - begun, gil.counters()
    assert before is not None
    assert after is not None
    window = after.window(before)
    assert window is not None
    assert window.samples > 4 * elapsed, "asked, though calls hold it for long on a busy machine"
    cpu = cpu_s_of_thread(THREAD)
    gil.stop()
    return [window.held, max(held) / elapsed, cpu / elapsed, window.waited]


@pytest.mark.parametrize("name", LOADS)
def test_the_share_is_that_of_the_code(name: str) -> None:
    measured, known, cpu, waited = in_new_process(watched, name)
    assert measured == pytest.approx(known, abs=TOLERANCE + NOISE)
    assert 0 <= waited <= measured + 1e-9
    assert cpu < MOST_CPU


def test_many_threads_let_one_that_asks_wait() -> None:
    measured, known, _, waited = in_new_process(watched, "python", 6)
    assert measured == pytest.approx(known, abs=TOLERANCE + NOISE)
    *_, of_one = in_new_process(watched, "python")
    assert 0.2 < of_one < waited < 1


def two_readers() -> Any:
    gil.start()
    first = gil.counters()
    in_threads(LOADS["python"](), 1, 2.0)
    second = gil.counters()
    in_threads(LOADS["sleep"](), 1, 2.0)
    third = gil.counters()
    assert first
    assert second
    assert third
    windows = [second.window(first), third.window(second), third.window(first)]
    assert windows[2] is not None
    assert windows[2].samples >= max(window.samples for window in windows if window)
    gil.stop()
    return [window and window.held for window in windows]


def test_each_reader_has_a_window_of_its_own() -> None:
    busy, idle, both = in_new_process(two_readers)
    assert busy > 0.8
    assert idle < 0.2
    assert idle < both < busy


def one_long_call() -> Any:
    """One call in C that holds the GIL, read right after it."""
    gil.start()
    time.sleep(0.1)
    before = gil.counters()
    begun = time.perf_counter()
    sum(range(60_000_000))
    took = time.perf_counter() - begun
    after = gil.counters()
    assert before
    assert after
    window = after.window(before)
    assert window
    gil.stop()
    return [took, window.held, window.waited]


def test_a_wait_that_is_not_over_counts() -> None:
    took, held, waited = in_new_process(one_long_call)
    assert took > 0.3
    assert held > 0.9
    assert waited > 0.5


def threads_that_watch() -> int:
    names = [comm.read_text().strip() for comm in Path("/proc/self/task").glob("*/comm")]
    return names.count(THREAD)


def from_start_to_end() -> Any:
    assert gil.counters() is None
    assert not threads_that_watch(), "an import starts nothing"
    assert gil.start()
    assert gil.start(), "a second time"
    time.sleep(0.3)
    assert threads_that_watch() == 1
    gil.stop()
    # It asks no more, but its system thread may take a moment to go.
    assert wait_for(lambda: not threads_that_watch())
    first = gil.counters()
    time.sleep(0.1)
    assert gil.counters() == first, "nothing is counted"
    gil.stop()
    gil.start()
    time.sleep(0.3)
    gil.stop()
    last = gil.counters()
    assert first
    assert last
    return [first.elapsed_us, last.elapsed_us, first.samples < last.samples]


def test_it_starts_and_ends_when_it_is_told() -> None:
    first, last, has_more = in_new_process(from_start_to_end)
    assert 300_000 <= first <= last - 300_000
    assert has_more


def forked() -> Any:
    gil.start()
    in_threads(LOADS["python"](), 1, 0.5)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        answers = [gil.counters() is None, not threads_that_watch()]
        gil.stop()
        answers.append(gil.start())
        in_threads(LOADS["sleep"](), 1, 1.0)
        counted = gil.counters()
        answers.append(counted is not None and counted.samples > 10 and counted.elapsed_us < 1e7)
        gil.stop()
        os.write(write, bytes(answers))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    of_child = list(os.read(read, 16))
    before = gil.counters()
    time.sleep(0.5)
    after = gil.counters()
    assert before
    assert after
    gil.stop()
    return [status, of_child, after.samples - before.samples]


@pytest.mark.filterwarnings("ignore")
def test_a_fork_begins_anew_and_its_parent_goes_on() -> None:
    status, answers, more = in_new_process(forked)
    assert status == 0
    assert answers == [1, 1, 1, 1]
    assert more > 5


# What is left running when the interpreter ends; the probe of the package and one that nobody stops.
LEFT = """
import threading, time
from protoplast import _core
from protoplast.worker import gil
{begin}
threading.Thread(target={target}, daemon=True).start()
time.sleep(0.3)
{end}
"""


@pytest.mark.parametrize("target", ["lambda: [0 for _ in iter(int, 1)]", "lambda: time.sleep(9)"])
@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("gil.start()", ""),
        ("probe = _core.GilProbe(); probe.start()", ""),
        ("probe = _core.GilProbe(); probe.start()", "del probe"),
        ("gil.start()", "raise SystemExit(0)"),
    ],
)
def test_the_end_of_the_interpreter_is_not_held_up(begin: str, end: str, target: str) -> None:
    code = LEFT.format(begin=begin, end=end, target=target)
    command = [sys.executable, "-X", "faulthandler", "-c", code]
    for _ in range(3):
        begun = time.monotonic()
        ended = subprocess.run(command, capture_output=True, timeout=60, check=False, text=True)
        assert (ended.returncode, ended.stderr) == (0, "")
        assert time.monotonic() - begun < 20
