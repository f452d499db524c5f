"""Queries whose answers could depend on how rows are spread over tasks, and the rows that they read."""

from __future__ import annotations

import itertools
import json
import math
import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

ROWS = 480
ROW_GROUPS = 16
FILES = 40
KEYS = 12

QUERIES: dict[str, Callable[[Any], Any]] = {}
# Those whose answers tell the order of their rows.
TELLING_ORDER = (
    "grouped",
    "whole",
    "first of each",
    "newest of each",
    "gathered in order",
    "sorted twice",
)
# Those that run over many small files as well, which take long.
OVER_FILES = ("grouped", "whole", "first of each")
# The same of so few lines of JSON that stock Daft reads them in one piece.
LINES = 120
OVER_LINES = ("whole", "first of each")


def query(name: str) -> Callable[[Callable[[Any], Any]], None]:
    def add(function: Callable[[Any], Any]) -> None:
        QUERIES[name] = function

    return add


def columns(seed: int) -> dict[str, list[Any]]:
    """The rows of a seed, in the order of the file: `id` counts, and the names are a permutation."""
    chance = random.Random(seed)
    names = [f"{name:04}" for name in range(ROWS)]
    chance.shuffle(names)
    return {
        "id": list(range(ROWS)),
        "name": names,
        "key": [chance.randrange(KEYS) for _ in range(ROWS)],
        "tie": [chance.randrange(10) for _ in range(ROWS)],
        "number": [chance.randrange(-(10**12), 10**12) for _ in range(ROWS)],
        "price": [Decimal(chance.randrange(10**9)) / 100 for _ in range(ROWS)],
        # Of many sizes and both signs, so that each order of adding them rounds in its own way.
        "ratio": [chance.gauss(0, 1) * 10 ** chance.uniform(-6, 6) for _ in range(ROWS)],
    }


def write(folder: Path, seed: int) -> None:
    """Write the rows of a seed as one file of row groups and as small files, and some as lines."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table(columns(seed))
    pq.write_table(table, folder / "one.parquet", row_group_size=ROWS // ROW_GROUPS)
    lines = table.drop_columns(["price"]).slice(0, LINES).to_pylist()
    (folder / "lines.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    size = ROWS // FILES
    for part in range(FILES):
        pq.write_table(table.slice(part * size, size), folder / f"part-{part:02}.parquet")


def rows_of(folder: Path, source: str) -> Any:
    """What has been written, behind Python code that takes its time."""
    import daft

    @daft.func(return_dtype=daft.DataType.int64())
    def checked(number: int) -> int:
        import random
        import time

        if random.random() < 0.02:
            time.sleep(0.002)
        return number

    paths = sorted(str(path) for path in folder.glob(f"{source}*"))
    df = daft.read_json(paths) if source == "lines" else daft.read_parquet(paths)
    return df.with_column("checked", checked(df["id"])).where(daft.col("checked") >= 0)


def listed(name: str) -> Any:
    """All values of a column as a list, by the name that this Daft has for it."""
    import daft

    column = daft.col(name)
    return column.list_agg() if hasattr(column, "list_agg") else column.agg_list()


def aggregations() -> list[Any]:
    from daft import col

    return [
        col("number").sum().alias("exact sum"),
        col("number").mean().alias("exact mean"),
        col("number").min().alias("least"),
        col("number").max().alias("most"),
        col("name").count().alias("count"),
        col("tie").count_distinct().alias("ties"),
        col("id").approx_count_distinct().alias("about"),
        col("ratio").approx_percentiles([0.1, 0.5]).alias("percentiles"),
        col("name").any_value().alias("any"),
        listed("name").alias("names"),
        col("ratio").sum().alias("sum"),
        col("ratio").mean().alias("mean"),
        col("ratio").stddev().alias("stddev"),
    ]


@query("grouped")
def _(df: Any) -> Any:
    return df.groupby("key").agg(*aggregations())


@query("whole")
def _(df: Any) -> Any:
    return df.agg(*aggregations())


@query("decimals")
def _(df: Any) -> Any:
    column = df["price"]
    return df.groupby("key").agg(column.sum().alias("exact sum"), column.max().alias("most"))


@query("in a total order")
def _(df: Any) -> Any:
    return df.select("id", "name", "key").sort("name", desc=True)


@query("most")
def _(df: Any) -> Any:
    return df.select("id", "name").sort("name").limit(20)


@query("ranks")
def _(df: Any) -> Any:
    import daft
    from daft.functions import rank, row_number

    by_tie = daft.Window().partition_by("key").order_by("tie")
    by_name = daft.Window().partition_by("key").order_by("name")
    return df.select(
        "id",
        rank().over(by_tie).alias("rank"),
        row_number().over(by_name).alias("number"),
        daft.col("name").lag(1).over(by_name).alias("before"),
    )


@query("joined")
def _(df: Any) -> Any:
    import daft

    keys = daft.from_pydict(
        {"key": list(range(KEYS)), "label": [f"of {key}" for key in range(KEYS)]}
    )
    return df.select("id", "key").join(keys, on="key")


@query("distinct")
def _(df: Any) -> Any:
    return df.select("key", "tie").distinct()


@query("pivoted")
def _(df: Any) -> Any:
    return df.pivot("key", "tie", "id", "max", names=["1", "2"])


@query("first of each")
def _(df: Any) -> Any:
    return df.select("id", "key").distinct("key")


@query("newest of each")
def _(df: Any) -> Any:
    return df.select("name", "key").sort("name", desc=True).distinct("key")


@query("gathered in order")
def _(df: Any) -> Any:
    from daft import col

    ratio = col("ratio").sum().alias("sum")
    names = listed("name").alias("names")
    return df.sort("name").groupby("key").agg(names, col("name").any_value().alias("any"), ratio)


@query("sorted twice")
def _(df: Any) -> Any:
    return df.select("name", "tie").sort("name").sort("tie")


def by_key(seed: int, column: str) -> dict[Any, list[Any]]:
    """The values of a column of each key, in the order of the file."""
    found = columns(seed)
    pairs = sorted(zip(found["key"], range(ROWS), strict=True))
    return {
        key: [found[column][row] for _, row in rows]
        for key, rows in itertools.groupby(pairs, key=lambda pair: pair[0])
    }


def rounding(values: list[float]) -> float:
    """How far a sum may be from the exact one, in whatever order it is made."""
    return len(values) * 2.0**-52 * math.fsum(map(abs, values))
