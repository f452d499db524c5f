"""A query on one worker that fails ends as on stock, and one that loses its worker runs in tasks."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import threading
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import protoplast
from protoplast.seams.check import release
from protoplast.seams.whole_plans import WHOLE_PLANS
from tests.queries.whole_queries import ROWS, apply, ran_whole, warnings_of, watch_plans, write
from tests.support.fault_queries import wait_for
from tests.support.shared_driver import Scenarios

pytestmark = pytest.mark.skipif(
    release(version("daft")) < release(WHOLE_PLANS.since),
    reason="no worker of this Daft runs a whole query",
)

CPUS = 2


def abandoned(folder: str) -> Any:
    """Leave queries half-way; the next ones run on the same workers."""
    import daft

    write(Path(folder))
    apply()
    rows = daft.read_parquet(f"{folder}/rows/*.parquet")
    rows.count_rows()
    pids = [worker.pid for worker in protoplast.status().workers]
    began = time.monotonic()
    for _ in range(3):
        next(iter(rows.iter_rows()))
    rows.show(3)
    assert rows.count_rows() == ROWS
    seconds = time.monotonic() - began
    return [pids == [worker.pid for worker in protoplast.status().workers], seconds]


def test_the_query_after_an_abandoned_one_has_the_same_workers(
    scenarios: Scenarios, tmp_path: Path
) -> None:
    is_same, seconds = scenarios(abandoned, str(tmp_path), cpus=CPUS)
    assert is_same
    assert seconds < 10


def slow(rows: int) -> Any:
    """A native query of some 10 ms of one core for each row, whose answer is the number of rows."""
    import daft
    from daft.functions import minhash

    words = " ".join(f"w{word % 97}" for word in range(400))
    texts = daft.from_pydict({"text": [f"{words} {row}" for row in range(rows)]})
    hashed = minhash(daft.col("text"), num_hashes=20_000, ngram_size=2, seed=1)
    return texts.select(hashed.alias("hash")).agg(daft.col("hash").count())


def cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def interrupted() -> Any:
    """Ctrl-C ends a query in its worker, and the worker serves the next one."""
    import daft

    apply()
    slow(1).collect()
    (worker,) = protoplast.status().workers
    assert worker.pid is not None
    query = slow(20_000)
    timer = threading.Timer(2.0, lambda: os.kill(os.getpid(), signal.SIGINT))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    timer.start()
    # What is under way is not interrupted.
    with contextlib.suppress(KeyboardInterrupt), daft.execution_config_ctx(default_morsel_size=20):
        query.collect()
        raise AssertionError("the query ended")
    is_whole = ran_whole()
    rows = daft.from_pydict({"a": [1, 2, 3]}).where(daft.col("a") > 1).to_pydict()["a"]
    (same,) = protoplast.status().workers

    def is_idle() -> bool:
        before = cpu_of(same.pid or 0)
        time.sleep(1.0)
        return cpu_of(same.pid or 0) - before < 0.3

    return [is_whole, rows, same.pid == worker.pid, bool(wait_for(is_idle, 10.0))]


def test_ctrl_c_ends_the_query_and_keeps_the_worker(scenarios: Scenarios) -> None:
    assert scenarios(interrupted, cpus=CPUS) == [True, [2, 3], True, True]


def worker_dies() -> Any:
    """A worker dies while it runs a query, which then runs in tasks; so does the same query later."""
    warnings = warnings_of(logging.getLogger("protoplast"))
    apply()
    slow(1).collect()
    query = slow(600)
    (worker,) = protoplast.status().workers

    def kill() -> None:
        os.kill(worker.pid or 0, signal.SIGKILL)

    timer = threading.Timer(1.0, kill)
    timer.start()
    answer = query.to_pydict()["hash"]
    reasons = [protoplast.status().queries[-1].reason, protoplast.explain(slow(600)).reason]
    again = slow(2).to_pydict()["hash"]
    return [answer, reasons, again, ran_whole(), [str(warning) for warning in warnings]]


def test_a_query_whose_worker_dies_runs_in_tasks(scenarios: Scenarios) -> None:
    answer, reasons, again, is_whole, warnings = scenarios(worker_dies, cpus=CPUS)
    assert answer == [600]
    assert "but it ran in tasks, because worker" in reasons[0]
    assert "died while it ran the query" in reasons[0]
    assert reasons[1].endswith("an earlier run, for which one worker was not enough")
    assert (again, is_whole) == ([2], True)
    assert len([text for text in warnings if "ran in tasks" in text]) == 1


def idle_worker_dies() -> Any:
    """A worker dies between two queries: the next one runs on the worker that takes its place."""
    warnings = warnings_of(logging.getLogger("protoplast"))
    apply()
    slow(1).collect()
    (worker,) = protoplast.status().workers
    os.kill(worker.pid or 0, signal.SIGKILL)
    answer = slow(2).to_pydict()["hash"]
    (other,) = protoplast.status().workers
    return [answer, ran_whole(), other.pid != worker.pid, [str(text) for text in warnings]]


def test_a_worker_that_died_between_queries_is_replaced(scenarios: Scenarios) -> None:
    answer, is_whole, is_other, warnings = scenarios(idle_worker_dies, cpus=CPUS)
    assert answer == [2]
    assert is_whole
    assert is_other
    assert [text for text in warnings if "ran in tasks" in text] == []


def memory_short() -> Any:
    """The memory of the node runs short during a query, as a worker is made to believe."""
    warnings = warnings_of(logging.getLogger("protoplast"))
    apply()
    slow(1).collect()
    query = slow(200)
    watch_plans(is_short=True)
    (worker,) = protoplast.status().workers
    answer = query.to_pydict()["hash"]
    (same,) = protoplast.status().workers
    reason = protoplast.status().queries[-1].reason
    return [answer, reason, same.pid == worker.pid, [str(warning) for warning in warnings]]


def test_a_query_for_which_memory_runs_short_runs_in_tasks(scenarios: Scenarios) -> None:
    answer, reason, is_same, warnings = scenarios(memory_short, cpus=CPUS)
    assert answer == [200]
    assert "because the memory of its node ran short (1 of 100 MiB" in reason
    assert is_same, "no worker was ended for it"
    assert len([text for text in warnings if "ran in tasks" in text]) == 1


def errors(folder: str) -> Any:
    """The type and the text of the same errors, on stock and under `auto`."""
    import daft

    write(Path(folder))
    gone = Path(folder, "rows", "gone.parquet")
    shutil.copy(Path(folder, "rows", "0.parquet"), gone)
    short = daft.read_parquet(str(gone))
    gone.unlink()
    rows = daft.read_parquet(f"{folder}/rows/*.parquet")
    found: list[Any] = []
    for layout in (None, "auto"):
        if layout:
            apply(layout)
        queries = {
            # All rows are alike, because the error names the first one that a thread comes upon.
            "date": rows.where(daft.col("name") == "name-1").select(
                daft.functions.to_date(daft.col("name"), "%Y-%m-%d")
            ),
            "file": short,
        }
        texts = {}
        for name, query in queries.items():
            try:
                query.collect()
                texts[name] = ["", ""]
            except Exception as error:
                texts[name] = [type(error).__name__, str(error).strip().splitlines()[-1]]
        found.append(texts)
        if layout:
            found.append([ran_whole(), rows.count_rows()])
    return found


def test_errors_read_as_on_stock(scenarios: Scenarios, tmp_path: Path) -> None:
    stock, ours, (is_whole, rows) = scenarios(errors, str(tmp_path), cpus=CPUS)
    assert ours == stock
    assert all(kind for kind, _ in stock.values()), stock
    assert (is_whole, rows) == (True, ROWS)
