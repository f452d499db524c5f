"""A query whose files one worker writes ends as on stock, whatever stops it or its worker."""

from __future__ import annotations

import functools
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import protoplast
from protoplast.seams.check import release
from protoplast.seams.whole_plans import WHOLE_PLANS
from tests.queries.whole_queries import apply, large, ran_whole, warnings_of, watch_plans
from tests.queries.whole_writes import files_of, rows_of, slow_texts
from tests.support.fault_queries import wait_for
from tests.support.shared_driver import Scenarios

pytestmark = pytest.mark.skipif(
    release(version("daft")) < release(WHOLE_PLANS.since),
    reason="no worker of this Daft runs a whole query",
)

CPUS = 2
ROWS = 1500
# So many rows are written at a time.
ROWS_AT_ONCE = 20


def after_first_rows(into: Path, then: Callable[[], Any]) -> threading.Thread:
    """Do something once the first rows are in a file."""

    def wait() -> None:
        while not any(file.stat().st_size > 0 for file in files_of(into) if file.suffix == ".csv"):
            time.sleep(0.02)
        then()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return thread


def worker_pid() -> int:
    """The pid of the worker on a stock node of one worker."""
    import daft

    @daft.func(return_dtype=daft.DataType.int64())
    def pid(row: int) -> int:
        import os

        return os.getpid()

    return int(daft.from_pydict({"row": [0]}).select(pid(daft.col("row"))).to_pydict()["row"][0])


def write_slowly(into: Path, mode: str) -> list[str]:
    import daft

    with daft.execution_config_ctx(default_morsel_size=ROWS_AT_ONCE):
        written = slow_texts(ROWS).write_csv(str(into), write_mode=mode)
    return [Path(path).name for path in written.to_pydict()["path"]]


def worker_dies(folder: str) -> Any:
    """The worker dies while it writes: on stock and under `auto`, appending and overwriting.

    Returns:
        The names of the files that Daft has returned, for each; and the warnings and reasons of `auto`.
    """
    returned: dict[str, list[str]] = {}
    warnings = warnings_of(logging.getLogger("protoplast"))
    reasons = []
    for layout in ("stock", "auto"):
        if layout != "stock":
            apply(layout)
        for mode in ("append", "overwrite"):
            into = Path(folder, f"{layout} {mode}")
            into.mkdir()
            (into / "old.txt").write_text("old")
            slow_texts(1).collect()
            pid = worker_pid() if layout == "stock" else protoplast.status().workers[0].pid or 0
            killer = after_first_rows(into, functools.partial(os.kill, pid, signal.SIGKILL))
            returned[into.name] = write_slowly(into, mode)
            killer.join()
            if layout != "stock":
                reasons.append(protoplast.status().queries[-1].reason)
    return [returned, reasons, [str(warning) for warning in warnings]]


def test_a_write_whose_worker_dies_is_done_again_as_on_stock(
    scenarios: Scenarios, tmp_path: Path
) -> None:
    returned, reasons, warnings = scenarios(worker_dies, str(tmp_path), cpus=CPUS, timeout=200)
    for name, files in returned.items():
        left = {file.name: file for file in files_of(tmp_path / name)}
        (whole,) = files
        assert sorted(int(row["row"]) for row in rows_of(left[whole])) == list(range(ROWS)), name
        if "append" in name:
            assert len(left) == 3, "what the worker had written is left, as on stock"
            (part,) = set(left) - {whole, "old.txt"}
            assert len(rows_of(left[part])) < ROWS
        else:
            assert set(left) == {whole}, name
    for reason in reasons:
        assert "but it ran in tasks, because worker" in reason
        assert "what it had written is left, as on stock" in reason
    assert len([text for text in warnings if "ran in tasks" in text]) == len(reasons) == 2


def memory_short(folder: str) -> Any:
    """The memory of the node runs short while a query writes, as a worker is made to believe."""
    apply()
    slow_texts(1).collect()
    watch_plans(is_short=True)
    files = write_slowly(Path(folder), "append")
    return [files, ran_whole()]


def test_a_write_runs_on_if_memory_runs_short(scenarios: Scenarios, tmp_path: Path) -> None:
    files, is_whole = scenarios(memory_short, str(tmp_path), cpus=CPUS)
    assert is_whole
    (file,) = files_of(tmp_path)
    assert [file.name] == files
    assert len(rows_of(file)) == ROWS


def interrupt_write(into: Path) -> int:
    """Interrupt a query while it writes. Returns the pid of its worker."""
    apply()
    slow_texts(1).collect()
    (worker,) = protoplast.status().workers
    signal.signal(signal.SIGINT, signal.default_int_handler)
    after_first_rows(into, lambda: os.kill(os.getpid(), signal.SIGINT))
    try:
        write_slowly(into, "append")
        raise AssertionError("the query ended")
    except (KeyboardInterrupt, SystemError):  # CPython raises the latter within Ray's code in C.
        return worker.pid or 0


def interrupted(folder: str) -> Any:
    """Ctrl-C while a query writes; the next query has a worker at once, and the write goes on."""
    into = Path(folder)
    pid = interrupt_write(into)
    began = time.monotonic()
    was_whole = ran_whole()
    slow_texts(1).collect()
    seconds = time.monotonic() - began
    (other,) = protoplast.status().workers

    def complete() -> bool:
        return sum(len(rows_of(file)) for file in files_of(into)) == ROWS

    before = complete()
    return [was_whole, before, seconds, other.pid != pid, wait_for(complete, 60.0)]


def test_an_interrupted_write_is_done_to_its_end_once(scenarios: Scenarios, tmp_path: Path) -> None:
    found = scenarios(interrupted, str(tmp_path), cpus=CPUS)
    was_whole, was_complete, seconds, is_other, is_complete = found
    assert was_whole
    assert not was_complete
    assert is_other
    assert is_complete
    assert seconds < 20
    assert len(files_of(tmp_path)) == 1, "it was not begun again"


def interrupted_and_dies(folder: str) -> Any:
    """The worker of an interrupted write dies, and the write is done again, as on stock."""
    into = Path(folder)
    os.kill(interrupt_write(into), signal.SIGKILL)

    def rows() -> list[int]:
        return sorted(len(rows_of(file)) for file in files_of(into))

    wait_for(lambda: rows()[-1] == ROWS, 60.0)
    return rows()


def test_an_interrupted_write_whose_worker_dies_is_done_to_its_end(
    scenarios: Scenarios, tmp_path: Path
) -> None:
    part, whole = scenarios(interrupted_and_dies, str(tmp_path), cpus=CPUS)
    assert part < whole == ROWS


def failing(folder: str) -> Any:
    """A row fails after many were written, on stock and under `auto`: the errors, and what is left."""
    import daft

    held = Path(folder)
    large(held)
    is_bad = daft.col("id") == 1_900_000
    text = daft.functions.when(is_bad, daft.lit("x")).otherwise(daft.lit("2026-01-01"))
    date = daft.functions.to_date(text, "%Y-%m-%d")
    rows = daft.read_parquet(f"{folder}/1.parquet").with_column("date", date)
    found: list[Any] = []
    for layout in ("stock", "auto"):
        if layout != "stock":
            apply(layout)
        into = held / layout
        into.mkdir()
        (into / "old.csv").write_text("old")
        try:
            rows.write_csv(str(into), write_mode="overwrite")
            found.append(["", "no row failed"])
        except Exception as error:
            found.append([type(error).__name__, str(error).strip().splitlines()[-1]])
        if layout != "stock":
            found.append([ran_whole(), rows.where(daft.col("id") < 1_200_002).count_rows()])
            time.sleep(2.0)
    return found


def test_a_write_that_fails_leaves_what_was_there(scenarios: Scenarios, tmp_path: Path) -> None:
    stock, ours, (is_whole, rows) = scenarios(failing, str(tmp_path), cpus=CPUS)
    assert ours == stock
    assert stock[0], "it failed"
    assert (is_whole, rows) == (True, 2)
    left = {layout: files_of(tmp_path / layout) for layout in ("stock", "auto")}
    assert all("old.csv" in {file.name for file in files} for files in left.values())
    assert len(left["auto"]) == len(left["stock"]) <= 2, "it was not begun again"
