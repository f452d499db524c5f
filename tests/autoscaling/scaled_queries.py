"""Queries on a cluster that an autoscaler grows, one after the other. For the processes of tests."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import ray

from tests.autoscaling.watch import Watch, seconds_until_no_node

ROWS = 160
GROUPS = 16
MANY = 16

# How long Python code takes for a row, in seconds: a query of few tasks is short, one of many tasks long
# enough for nodes to come.
SHORT_S = 0.01
LONG_S = 0.1
# How long a result lies there, in seconds: longer than an idle node stays.
_KEPT_S = 10.0


def write(folder: Path) -> None:
    """Write one Parquet file of many row groups."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({"row": list(range(ROWS)), "key": [row % 7 for row in range(ROWS)]})
    pq.write_table(table, folder / "rows.parquet", row_group_size=ROWS // GROUPS)


def scan(file: str) -> None:
    """Python code over one file."""
    import daft

    _double(daft.read_parquet(file), SHORT_S)


def two(_file: str) -> None:
    """Python code over two partitions of the user's, one for each CPU of a made-up node."""
    _double(_table(2), SHORT_S)


def many(_file: str) -> None:
    """Python code over many partitions of the user's, for which stock asks for nodes."""
    _double(_table(MANY), LONG_S)


def native(file: str) -> None:
    import daft

    found = daft.read_parquet(file).groupby("key").sum("row").to_pydict()
    sums = dict(zip(found["key"], found["row"], strict=True))
    assert sums == {key: sum(range(key, ROWS, 7)) for key in range(7)}


def kept(file: str) -> None:
    """A result that a node's object store holds is there when its worker has ended."""
    import daft

    rows = daft.read_parquet(file)
    df = rows.join(rows.select(daft.col("row").alias("other")), how="cross").collect()
    seconds_until_no_node(_KEPT_S)
    assert df.sum("other").to_pydict() == {"other": [ROWS * sum(range(ROWS))]}


QUERIES = {query.__name__: query for query in (scan, two, many, native, kept)}
# No queries: wait until no made-up node is left: at once, after the autoscaler's last request was taken
# back, and after rollback.
GONE = "gone"
RELEASE = "release"
ROLLBACK = "rollback"


def scaled(layout: str | None, steps: list[str], folder: str, patience: float) -> Any:
    """Run queries, whose answers are seen to be right.

    Args:
        layout: protoplast's; None for stock Daft.
        steps: The queries, `GONE`, `RELEASE` and `ROLLBACK`.
        folder: Where `write` has written.
        patience: How long to wait for the nodes to go, in seconds.

    Returns:
        Of each step what was seen: the most made-up nodes, the CPUs of the autoscaler's requests, and
        how long it took, in seconds, or None if nodes are left.
    """
    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    ray.init(os.environ["RAY_ADDRESS"], log_to_driver=False)
    if layout:
        apply_flotilla_patches(layout)
    return [_done(step, folder, patience) for step in steps]


def _done(step: str, folder: str, patience: float) -> dict[str, Any]:
    if step == ROLLBACK:
        from protoplast.patches.daft_flotilla import rollback_flotilla_patches

        rollback_flotilla_patches()
    if step == RELEASE:
        from ray.autoscaler.sdk import request_resources

        request_resources(bundles=[])
    begun = time.monotonic()
    took: float | None
    with Watch() as seen:
        if step in QUERIES:
            QUERIES[step](f"{folder}/rows.parquet")
            took = round(time.monotonic() - begun, 1)
        else:
            took = seconds_until_no_node(patience)
    return {"step": step, "nodes": seen.most_nodes, "asked": seen.asked_cpus, "took": took}


def _table(partitions: int) -> Any:
    import daft

    return daft.from_pydict({"row": list(range(ROWS))}).into_partitions(partitions)


def _double(df: Any, seconds: float) -> None:
    import daft

    @daft.func(return_dtype=daft.DataType.int64())
    def double(row: int) -> int:
        import time

        time.sleep(seconds)
        return 2 * row

    found = df.select(double(daft.col("row")).alias("row")).to_pydict()
    assert sorted(found["row"]) == [2 * row for row in range(ROWS)]
