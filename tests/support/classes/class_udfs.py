"""Class UDFs of every kind, with what a plain computation gives. For the processes of tests.

Each class takes 0.2 s to build, and writes what happens to its instances to an `InstanceLog`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.support.classes.instance_log import InstanceLog

ROWS = 160
# Row groups of the one file, files, and partitions of the table in memory.
PARTS = 16
SOURCES = ("one", "many", "memory")
BUILD_S = 0.2
# How long a row takes.
ROW_S = 0.003

# By name: takes a DataFrame with the column `row` and the path of a log, and returns what is to run.
KINDS: dict[str, Callable[[Any, str], Any]] = {}
# What the kinds of `@daft.udf` are called, which run on the oldest Daft as well.
LEGACY = ("legacy", "legacy with arguments")


def kind(name: str) -> Callable[[Callable[[Any, str], Any]], None]:
    def add(function: Callable[[Any, str], Any]) -> None:
        KINDS[name] = function

    return add


def kinds() -> dict[str, Callable[[Any, str], Any]]:
    """The kinds that this Daft has."""
    try:
        model_class(max_retries=2, on_error="ignore")
    except (AttributeError, TypeError):
        return {name: KINDS[name] for name in LEGACY}
    return KINDS


def expected(name: str) -> list[Any]:
    """What a kind gives, in an order of its own."""
    rows = range(ROWS)
    given: dict[str, list[Any]] = {
        "ignored": [None if row % 50 == 7 else 2 * row for row in rows],
        "generator": [2 * row for row in rows for _ in range(1 + row % 3)],
        "two columns": [(2 * row, 3 * row) for row in rows],
        "two operators": [4 * row for row in rows],
        "after a shuffle": [4 * row for row in rows],
    }
    return sorted(given.get(name, [2 * row for row in rows]), key=str)


def answer(df: Any) -> list[Any]:
    columns = list(df.to_pydict().values())
    return sorted(columns[0] if len(columns) == 1 else zip(*columns, strict=True), key=str)


def write(folder: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    size = ROWS // PARTS
    table = pa.table({"row": pa.array(range(ROWS), pa.int64())})
    pq.write_table(table, folder / "one.parquet", row_group_size=size)
    for part in range(PARTS):
        pq.write_table(table.slice(part * size, size), folder / f"many-{part:02}.parquet")


def rows_of(folder: Path, source: str) -> Any:
    """The rows of a source, in `PARTS` parts."""
    import daft

    if source == "memory":
        return daft.from_pydict({"row": list(range(ROWS))}).into_partitions(PARTS).collect()
    return daft.read_parquet(str(folder / ("one.parquet" if source == "one" else "many-*.parquet")))


def model_class(**options: Any) -> Any:
    """A class of `@daft.cls` with a method of each kind."""
    import daft

    int64 = daft.DataType.int64()

    @daft.cls(**options)
    class Model:
        def __init__(self, path: str, factor: int = 2, uneven_s: float = 0) -> None:
            self.log = InstanceLog(path)
            self.log.watch(self)
            self.factor = factor
            self.uneven_s = uneven_s
            self.tried: set[int] = set()
            self.is_called = False
            time.sleep(BUILD_S)

        def scaled(self, row: int) -> int:
            if not self.is_called:
                self.is_called = True
                self.log.note("call")
            # Parts that take unlike times do not end together.
            time.sleep(ROW_S + self.uneven_s * (row // (ROWS // PARTS) % 3))
            return self.factor * row

        @daft.method(return_dtype=int64)
        def by_row(self, row: int) -> int:
            return self.scaled(row)

        @daft.method(return_dtype=int64)
        def plus(self, row: int, other: int) -> int:
            return self.scaled(row) + other

        @daft.method.batch(return_dtype=int64, batch_size=4)
        def by_batch(self, rows: Any) -> Any:
            return [self.scaled(row) for row in rows.to_pylist()]

        @daft.method(return_dtype=int64)
        async def by_task(self, row: int) -> int:
            return self.scaled(row)

        @daft.method(return_dtype=int64)
        def at_second_try(self, row: int) -> int:
            if row % 50 == 7 and row not in self.tried:
                self.tried.add(row)
                raise ValueError("the first time")
            return self.scaled(row)

        @daft.method(return_dtype=int64)
        def never_some(self, row: int) -> int:
            if row % 50 == 7:
                raise ValueError("each time")
            return self.scaled(row)

        @daft.method(return_dtype=int64)
        def several(self, row: int) -> Iterator[int]:
            yield from [self.scaled(row)] * (1 + row % 3)

    return Model


@kind("row")
def by_row(df: Any, path: str) -> Any:
    return df.select(model_class()(path).by_row(df["row"]).alias("done"))


@kind("batch")
def by_batch(df: Any, path: str) -> Any:
    return df.select(model_class()(path).by_batch(df["row"]).alias("done"))


@kind("async")
def by_task(df: Any, path: str) -> Any:
    return df.select(model_class()(path).by_task(df["row"]).alias("done"))


@kind("retried")
def retried(df: Any, path: str) -> Any:
    return df.select(model_class(max_retries=2)(path).at_second_try(df["row"]).alias("done"))


@kind("ignored")
def ignored(df: Any, path: str) -> Any:
    return df.select(model_class(on_error="ignore")(path).never_some(df["row"]).alias("done"))


@kind("generator")
def generator(df: Any, path: str) -> Any:
    return df.select(model_class()(path).several(df["row"]).alias("done"))


@kind("two columns")
def two_columns(df: Any, path: str) -> Any:
    model = model_class()(path)
    row = df["row"]
    return df.select(model.by_row(row).alias("twice"), model.plus(row, row).alias("thrice"))


@kind("two operators")
def two_operators(df: Any, path: str) -> Any:
    model = model_class()(path)
    df = df.select(model.by_row(df["row"]).alias("once"))
    return df.select(model.by_batch(df["once"]).alias("done"))


@kind("after a shuffle")
def after_a_shuffle(df: Any, path: str) -> Any:
    model = model_class()(path)
    df = df.select(model.by_row(df["row"]).alias("once")).repartition(6, "once")
    return df.select(model.by_row(df["once"]).alias("done"))


def legacy_class(path: str = "") -> Any:
    """A class of `@daft.udf`, whose calls hold the GIL.

    Args:
        path: Of the log, unless the class gets it as an argument.
    """
    import daft

    @daft.udf(return_dtype=daft.DataType.int64())
    class Model:
        def __init__(self, given: str = "", factor: int = 2) -> None:
            self.log = InstanceLog(path or given)
            self.log.watch(self)
            self.factor = factor
            self.is_called = False
            time.sleep(BUILD_S)

        def __call__(self, rows: Any) -> Any:
            if not self.is_called:
                self.is_called = True
                self.log.note("call")
            rows = rows.to_pylist()
            busy_until = time.thread_time() + ROW_S * len(rows)
            while time.thread_time() < busy_until:
                pass
            return [self.factor * row for row in rows]

    return Model


@kind("legacy")
def legacy(df: Any, path: str) -> Any:
    return df.select(legacy_class(path)(df["row"]).alias("done"))


@kind("legacy with arguments")
def legacy_with_arguments(df: Any, path: str) -> Any:
    model = legacy_class().with_init_args(path, factor=2)
    return df.select(model(df["row"]).alias("done"))
