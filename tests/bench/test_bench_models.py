"""The family of models counts loads, measures memory, and reports both."""

from __future__ import annotations

import os
import tempfile
import threading
from pathlib import Path

import pytest

from bench.measure.memory import Peak, peak_of, private_bytes
from bench.measure.rounds import measure
from bench.measure.timings import WorkloadResult
from bench.measure.turns import Footprint, Turn, turn_of
from bench.options import parse
from bench.processes.cgroup import Cgroup, is_possible
from bench.report import published
from bench.report.footprints import footprints
from bench.report.rounds_file import measured, write
from bench.report.summary import summarised
from bench.workloads import pace
from bench.workloads.models import loads
from bench.workloads.models.model_work import of_process
from bench.workloads.models.scoring import OneFile
from bench.workloads.registry import all_workloads
from bench.workloads.sizes import Sizes
from tests.support.process import in_new_process

TINY = ["--cpus", "2", "--size", "0.01", "--load-s", "0.05", "--load-mb", "5"]


def test_a_run_reports_answers_loads_and_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = ["--only", "models/file_light", "--systems", "stock,auto,limit", "--rounds", "1"]
    options = parse([*chosen, *TINY, "--data", str(tmp_path)])
    # The paths of Ray's sockets are short.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as ray_folder, pace.counted():
        monkeypatch.setenv("RAY_TMPDIR", ray_folder)
        # Answers that differ are an error here.
        (result,) = measure(all_workloads(options.sizes), {}, options)
    assert result.footprints.keys() == {"stock", "auto", "limit"}
    for (footprint,) in result.footprints.values():
        assert footprint.loads >= footprint.processes >= 1
        assert (footprint.peak_mb or 0) > 5 or not is_possible()
    (limit,) = result.footprints["limit"]
    assert limit.loads == limit.processes <= 2
    assert not any((tmp_path / "loads").iterdir())
    assert "loads in so many processes" in footprints([summarised(result)])


def test_loads_are_counted_and_so_are_the_processes_that_call(tmp_path: Path) -> None:
    log = loads.new_log(tmp_path)
    loads.record(log, loads.LOADED)
    in_new_process(loads_and_calls, log)
    loads.record(log, loads.CALLED)
    loads.record(log, loads.CALLED)
    assert loads.counted(log) == {"loads": 2, "processes": 2}
    assert not Path(log).exists()


def loads_and_calls(log: str) -> None:
    loads.record(log, loads.LOADED)
    loads.record(log, loads.CALLED)


def test_a_process_loads_a_model_once_a_turn(tmp_path: Path) -> None:
    work = OneFile(Sizes(tmp_path, size=0.01, scale=1, load_s=0, load_mb=1))
    work.write()
    pieces = work.pieces()
    assert len(pieces) == 80
    answers = []
    for _ in range(2):
        turn = work.of_turn()
        answers.append([turn.totals(piece) for piece in pieces])
        assert turn.counted() == {"loads": 1, "processes": 1}
    assert answers[0] == answers[1]


def test_the_model_is_built_with_the_same_arguments_in_each_turn(tmp_path: Path) -> None:
    work = OneFile(Sizes(tmp_path, size=0.01, scale=1, load_s=0, load_mb=1))
    assert work.of_turn().arguments() == work.of_turn().arguments()


def test_a_model_is_gone_before_the_next_one_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: dict[object, object] = {}
    monkeypatch.setattr("bench.workloads.models.model_work.HELD", held)
    monkeypatch.setattr(OneFile, "load", lambda work: (work.turn, len(held)))
    work = OneFile(Sizes(tmp_path, size=0.01, scale=1, load_s=0, load_mb=1))
    first, second = work.of_turn(), work.of_turn()
    assert [of_process(turn) for turn in (first, first, second)] == [
        (first.turn, 0),
        (first.turn, 0),
        (second.turn, 0),
    ]


def test_memory_that_a_process_touches_counts_and_ended_processes_do_not() -> None:
    before = private_bytes([os.getpid()])
    block = bytearray(b"\x07") * (50 * 10**6)
    assert 45 * 10**6 < private_bytes([os.getpid(), 2**22 + 1]) - before < 70 * 10**6
    del block


def test_the_highest_sum_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    sums, is_over, group = [2, 5, 3], threading.Event(), Cgroup(Path("/"))

    def next_sum(_: list[int]) -> int:
        if len(sums) == 1:
            is_over.set()
        return sums.pop(0) * 10**6

    monkeypatch.setattr("bench.measure.memory.LOOK_S", 0.0)
    monkeypatch.setattr("bench.measure.memory.private_bytes", next_sum)
    monkeypatch.setattr(Cgroup, "pids", lambda _: [])
    peak = Peak()
    peak.watch(group, is_over)
    assert peak.mb == 5
    with peak_of(None) as nothing:
        pass
    assert nothing.mb is None


def test_footprints_of_rounds_are_kept_and_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.report.rounds_file.versions", dict)
    answer = {"seconds": 2.0, "loads": 4, "processes": 1, "peak_mb": 900}
    assert turn_of({"seconds": 1.0, "peak_mb": 900}) == Turn(1.0, 0.0)
    result = WorkloadResult("models", "one", {}, {})
    for loaded, peak_mb in ((4, 900), (6, None), (5, 800)):
        turn = turn_of({**answer, "loads": loaded, "peak_mb": peak_mb})
        result = result.plus({"stock": turn, "auto": Turn(3.0, 0.0, Footprint(2, 2, None))})
    options = parse(["--results", str(tmp_path)])
    write([result], options)
    assert measured(options) == [result]
    summary = summarised(result)
    assert summary.footprints == {"stock": Footprint(5, 1, 900), "auto": Footprint(2, 2, None)}
    published.write(tmp_path / "models.json", [summary], {})
    assert published.read(tmp_path / "models.json") == [summary]
    last = footprints([summary]).splitlines()[-1].split("  ")
    assert [cell.strip() for cell in last if cell] == [
        "one",
        "1.00, 5 in 1, 900 MB",
        "1.50, 2 in 2, -",
    ]
