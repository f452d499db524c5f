"""Under `auto` a native query that fits one worker runs there as one task, and answers as on stock."""

from __future__ import annotations

import contextlib
import json
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
from tests.support.fault_queries import end_cluster, start_cluster, wait_for
from tests.support.shared_driver import Scenarios
from tests.support.whole_queries import (
    QUERIES,
    ROWS,
    large,
    plans_run,
    ran_whole,
    warnings_of,
    watch_plans,
    write,
)

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        release(version("daft")) < release(WHOLE_PLANS.since),
        reason="no worker of this Daft runs a whole query",
    ),
]

CPUS = 2


def apply(layout: str = "auto") -> None:
    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    apply_flotilla_patches(layout)


def as_text(rows: list[dict[str, Any]], *, is_ordered: bool) -> list[str]:
    lines = [json.dumps(row, sort_keys=True, default=str) for row in rows]
    return lines if is_ordered else sorted(lines)


def answers(folder: str) -> Any:
    """The answers of stock Daft and of `auto`, and whether each query ran as one task."""
    write(Path(folder))
    found: dict[str, Any] = {}
    for layout in (None, "auto"):
        if layout is not None:
            apply(layout)
            QUERIES["filter"](Path(folder))
            watch_plans()
        for name, query in QUERIES.items():
            before = len(plans_run()) if layout else 0
            rows = as_text(query(Path(folder)), is_ordered=name.startswith("sorted"))
            found.setdefault(name, []).append(rows)
            if layout:
                found[name].append(len(plans_run()) - before)
                found[name].append(ran_whole())
    return found


@pytest.fixture(scope="module")
def found(scenarios: Scenarios, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return scenarios(answers, str(tmp_path_factory.mktemp("rows")), cpus=CPUS, timeout=200)


@pytest.mark.parametrize("name", QUERIES)
def test_the_answer_is_stock_s_and_there_is_one_task(name: str, found: Any) -> None:
    stock, ours, tasks, is_whole = found[name]
    assert ours == stock
    assert stock
    assert is_whole
    assert tasks == 1


def others(folder: str) -> Any:
    """What does not run on one worker, each with the reason, and the partitions that are asked for."""
    import daft
    from daft.functions import monotonically_increasing_id

    write(Path(folder))
    apply()
    rows = daft.read_parquet(f"{folder}/rows/*.parquet")
    asked = rows.into_partitions(3).collect()
    queries = {
        "into_partitions": rows.into_partitions(3),
        "repartition": rows.repartition(5, "key"),
        "ids": rows.with_column("id", monotonically_increasing_id()),
        "sample": rows.sample(0.5),
        "batches": rows.into_batches(10),
    }
    reasons = {name: protoplast.explain(query).reason for name, query in queries.items()}
    moved = rows.repartition(5, "key").collect()
    numbers = [sum(1 for _ in of.iter_partitions()) for of in (asked, moved)]
    target = f"{folder}/written"
    rows.write_parquet(target)
    written = protoplast.status().queries[-1].reason
    apply("auto,one-worker=never")
    rows.count().collect()
    never = protoplast.status().queries[-1].reason
    apply("auto,one-worker=1KiB")
    limited = protoplast.explain(rows).reason
    apply("per-node")
    plain = protoplast.explain(rows).reason
    apply("per-node,one-worker=auto")
    chosen = protoplast.explain(rows).reason
    return [reasons, numbers, written, never, limited, plain, chosen]


def test_what_is_asked_of_partitions_holds(scenarios: Scenarios, tmp_path: Path) -> None:
    found = scenarios(others, str(tmp_path), cpus=CPUS)
    reasons, numbers, written, never, limited, plain, chosen = found
    named = {
        "into_partitions": "'IntoPartitions'",
        "repartition": "'Repartition'",
        "ids": "'MonotonicallyIncreasingId'",
        "sample": "'Sample'",
        "batches": "'IntoBatches'",
    }
    for name, operator in named.items():
        assert reasons[name].endswith(f"it runs in tasks because of {operator}"), reasons[name]
    assert numbers == [3, 5]
    assert written.endswith("it runs in tasks because of its write")
    assert never == "no Python code runs in its workers"
    assert limited.endswith("more than 'one-worker=1KiB'")
    assert "task" not in plain
    assert "it runs as one task on one worker" in chosen


def partitions(folder: str) -> Any:
    """The partitions of a collected result and of streamed ones, and who does the next query's tasks."""
    import daft

    write(Path(folder))
    apply()
    rows = daft.read_parquet(f"{folder}/rows/*.parquet")
    collected = rows.where(daft.col("id") >= 0).collect()
    is_whole = ran_whole()
    streamed = sum(1 for _ in daft.read_parquet(f"{folder}/rows/*.parquet").iter_partitions())
    ids = collected.to_pydict()["id"]
    kept = sum(1 for _ in collected.iter_partitions())
    return [is_whole, kept, streamed, ids == sorted(ids), len(ids)]


def test_a_collected_result_has_a_partition_for_each_slot(
    scenarios: Scenarios, tmp_path: Path
) -> None:
    found = scenarios(partitions, str(tmp_path), cpus=CPUS)
    assert found == [True, CPUS, 1, True, ROWS]


def order() -> Any:
    """Whether rows keep their order behind a sort, and across the row groups of files."""
    import tempfile

    import daft

    apply()
    with tempfile.TemporaryDirectory() as folder:
        large(Path(folder))
        # Daft lists the files of a folder in an order of its own.
        rows = daft.read_parquet([f"{folder}/{part}.parquet" for part in range(2)])
        read = rows.with_column("next", daft.col("id") + 1).to_pydict()
        is_whole = [ran_whole()]
        by_key = rows.sort("key").with_column("twice", daft.col("key") * 2).to_pydict()
        is_whole.append(ran_whole())
    return [
        is_whole,
        len(read["id"]),
        read["id"] == sorted(read["id"]),
        by_key["key"] == sorted(by_key["key"]),
        by_key["twice"] == [2 * key for key in by_key["key"]],
    ]


def test_rows_keep_their_order(scenarios: Scenarios) -> None:
    is_whole, rows, read, by_key, twice = scenarios(order, cpus=CPUS)
    assert is_whole == [True, True]
    assert rows > 2_000_000
    assert (read, by_key, twice) == (True, True, True)


def collected_frame(folder: str) -> Any:
    """A query on frames that another fleet has collected, and on one from this process."""
    import daft

    write(Path(folder))
    apply("per-core")
    rows = daft.read_parquet(f"{folder}/rows/*.parquet").collect()
    apply()
    labels = daft.from_pydict({"key": list(range(7)), "label": [f"l{key}" for key in range(7)]})
    joined = rows.join(labels, on="key").groupby("label").agg(daft.col("id").count().alias("n"))
    answer = joined.to_pydict()
    is_whole = ran_whole()
    again = joined.collect().where(daft.col("n") > 0).count_rows()
    # The same table twice, and a table that has no rows.
    twice = rows.concat(rows).count_rows()
    empty = rows.where(daft.col("id") < 0).collect()
    none = empty.concat(rows).count_rows()
    return [is_whole, sum(answer["n"]), len(answer["n"]), again, twice, none]


def test_a_query_reads_frames_of_every_fleet(scenarios: Scenarios, tmp_path: Path) -> None:
    found = scenarios(collected_frame, str(tmp_path), cpus=CPUS)
    assert found == [True, ROWS, 7, 7, 2 * ROWS, ROWS]


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
            "date": rows.select(daft.functions.to_date(daft.col("name"), "%Y-%m-%d")),
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


def on_two_nodes(folder: str) -> Any:
    """Queries at once and one after the other run on both nodes; a query goes where its input is."""
    import daft

    write(Path(folder))
    cluster = start_cluster({"num_cpus": 1}, {"num_cpus": 1})
    try:
        apply("auto,startup=eager")
        rows = daft.read_parquet(f"{folder}/rows/*.parquet")
        rows.count_rows()
        watch_plans()
        for _ in range(4):
            assert rows.count_rows() == ROWS
        in_turn = plans_run(by_worker=True)
        large(Path(folder))
        held = daft.read_parquet(f"{folder}/*.parquet").collect()
        before = plans_run(by_worker=True)
        for _ in range(3):
            held.where(daft.col("id") > 3).count_rows()
        after = plans_run(by_worker=True)
        grown = [len(after[worker]) - len(before[worker]) for worker in after]
        return [sorted(map(len, in_turn.values())), sorted(grown)]
    finally:
        from protoplast.patches.daft_flotilla import rollback_flotilla_patches

        rollback_flotilla_patches()
        end_cluster(cluster)


def test_queries_spread_over_nodes_and_follow_their_input(
    scenarios: Scenarios, tmp_path: Path
) -> None:
    in_turn, grown = scenarios(on_two_nodes, str(tmp_path), timeout=200)
    assert in_turn == [2, 2]
    assert grown == [0, 3]
