"""Queries of every kind that Daft runs, for comparing layouts.

A query takes a folder for its files and returns a DataFrame or a list of rows. A query that needs what
a release of Daft does not have fails there, on stock and patched alike.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

ROWS = 60
QUERIES: dict[str, Callable[[Path], Any]] = {}
# Whether a query's rows come in an order that has to be kept.
ORDERED: set[str] = set()


def query(function: Callable[[Path], Any]) -> Callable[[Path], Any]:
    QUERIES[function.__name__] = function
    return function


def ordered(function: Callable[[Path], Any]) -> Callable[[Path], Any]:
    ORDERED.add(function.__name__)
    return query(function)


def people(parts: int = 6) -> Any:
    """Rows `id`, `group`, `name` and `value`, in some partitions."""
    import daft

    columns = {
        "id": list(range(ROWS)),
        "group": [row % 7 for row in range(ROWS)],
        "name": [f"name-{row % 11}" for row in range(ROWS)],
        "value": [row * row / 8 for row in range(ROWS)],
    }
    return daft.from_pydict(columns).into_partitions(parts)


def groups() -> Any:
    import daft

    columns = {"group": list(range(3, 10)), "label": [f"label-{row}" for row in range(7)]}
    return daft.from_pydict(columns).into_partitions(3)


def written(folder: Path, kind: str) -> Any:
    """Write and read back."""
    import daft

    target = str(folder / kind)
    getattr(people(), f"write_{kind}")(target)
    return getattr(daft, f"read_{kind}")(f"{target}/*.{kind}")


@query
def scan_parquet(folder: Path) -> Any:
    return written(folder, "parquet")


@query
def scan_csv(folder: Path) -> Any:
    return written(folder, "csv")


@query
def scan_json(folder: Path) -> Any:
    return written(folder, "json")


@query
def filters(_folder: Path) -> Any:
    import daft

    return people().where((daft.col("id") % 3 == 0) & (daft.col("value") > 10.0))


@query
def groupby(_folder: Path) -> Any:
    import daft

    column = daft.col("value")
    return (
        people()
        .groupby("group")
        .agg(column.sum().alias("sum"), column.max().alias("max"), column.count().alias("n"))
    )


@query
def distinct(_folder: Path) -> Any:
    return people().select("name").distinct()


def join(how: str, strategy: str | None) -> Callable[[Path], Any]:
    def joined(_folder: Path) -> Any:
        return people().join(groups(), on="group", how=how, strategy=strategy)

    joined.__name__ = f"join_{how}_{strategy}"
    return joined


for _how in ("inner", "left", "right", "outer", "semi", "anti"):
    query(join(_how, "hash"))
query(join("inner", "sort_merge"))
for _how in ("inner", "left", "right", "semi", "anti"):
    query(join(_how, "broadcast"))


@query
def join_cross(_folder: Path) -> Any:
    return people(2).select("id").join(groups().select("label"), how="cross")


@ordered
def sort(_folder: Path) -> Any:
    return people().sort(["name", "id"], desc=[True, False])


@query
def window(_folder: Path) -> Any:
    import daft

    over = daft.Window().partition_by("group").order_by("id")
    return people().with_column("before", daft.col("value").lag(1).over(over))


@query
def pivot(_folder: Path) -> Any:
    return people().pivot("group", "name", "value", "sum", names=["name-1", "name-2"])


@query
def unpivot(_folder: Path) -> Any:
    return people().unpivot(["id"], ["group", "value"])


@query
def explode(_folder: Path) -> Any:
    import daft

    frame = daft.from_pydict({"id": [1, 2, 3], "list": [[1, 2], [3], [4, 5, 6]]})
    return frame.into_partitions(2).explode("list")


@query
def sample(_folder: Path) -> Any:
    rows = people().sample(0.5, seed=7).to_pydict()["id"]
    # Which rows is chance by partition; that they are rows, and each one once, is not.
    return [{"rows": set(rows) <= set(range(ROWS)) and len(set(rows)) == len(rows)}]


@query
def limit(_folder: Path) -> Any:
    # Collected first: stock Daft 0.7.26 waits for ever on a limit right after into_partitions.
    return [{"rows": len(people().collect().limit(17).to_pydict()["id"])}]


@ordered
def top(_folder: Path) -> Any:
    return people().sort("value", desc=True).limit(5)


@query
def repartition(_folder: Path) -> Any:
    return people().repartition(4, "name")


@query
def into_batches(_folder: Path) -> Any:
    return people().into_batches(9)


@query
def concat(_folder: Path) -> Any:
    return people().concat(people(2))


def shuffled(algorithm: str) -> Callable[[Path], Any]:
    def shuffle(_folder: Path) -> Any:
        import daft

        with daft.execution_config_ctx(shuffle_algorithm=algorithm):
            return people().repartition(5, "group").groupby("name").sum("value").collect()

    shuffle.__name__ = f"shuffle_{algorithm}"
    return shuffle


for _algorithm in ("map_reduce", "flight_shuffle"):
    query(shuffled(_algorithm))


@query
def func_row(_folder: Path) -> Any:
    import daft

    @daft.func(return_dtype=daft.DataType.int64())
    def doubled(value: int) -> int:
        return value * 2

    return people().with_column("done", doubled(daft.col("id")))


@query
def func_async(_folder: Path) -> Any:
    import daft

    @daft.func(return_dtype=daft.DataType.int64())
    async def doubled(value: int) -> int:
        await asyncio.sleep(0)
        return value * 2

    return people().with_column("done", doubled(daft.col("id")))


@query
def func_generator(_folder: Path) -> Any:
    import daft

    @daft.func
    def up_to(value: int) -> Iterator[int]:
        yield from range(value % 4)

    return people().select(up_to(daft.col("id")))


@query
def func_batch(_folder: Path) -> Any:
    import daft

    @daft.func.batch(return_dtype=daft.DataType.int64())
    def doubled(column: Any) -> Any:
        return daft.Series.from_pylist([value * 2 for value in column.to_pylist()])

    return people().with_column("done", doubled(daft.col("id")))


@query
def func_use_process(_folder: Path) -> Any:
    import daft

    @daft.func(return_dtype=daft.DataType.int64(), use_process=True)
    def doubled(value: int) -> int:
        return value * 2

    return people().with_column("done", doubled(daft.col("id")))


@query
def cls_method(_folder: Path) -> Any:
    import daft

    @daft.cls
    class Scale:
        def __init__(self, factor: int) -> None:
            self.factor = factor

        @daft.method(return_dtype=daft.DataType.int64())
        def scaled(self, value: int) -> int:
            return value * self.factor

    return people().with_column("done", Scale(3).scaled(daft.col("id")))


@query
def cls_actors(_folder: Path) -> Any:
    import daft

    @daft.cls(max_concurrency=2)
    class Scale:
        def __init__(self, factor: int) -> None:
            self.factor = factor

        @daft.method(return_dtype=daft.DataType.int64())
        def scaled(self, value: int) -> int:
            return value * self.factor

    return people().with_column("done", Scale(3).scaled(daft.col("id")))


def udf(label: str, **options: Any) -> Callable[[Path], Any]:
    def run(_folder: Path) -> Any:
        import daft

        @daft.udf(return_dtype=daft.DataType.float64(), **options)
        def rooted(column: Any) -> Any:
            return [math.sqrt(value) for value in column.to_pylist()]

        return people().with_column("done", rooted(daft.col("value")))

    run.__name__ = f"udf_{label}"
    return run


_UDFS: dict[str, dict[str, Any]] = {
    "plain": {},
    "use_process": {"use_process": True},
    "batched": {"batch_size": 3},
    "cpus_1": {"num_cpus": 1},
    "cpus_2": {"num_cpus": 2},
    "cpus_4": {"num_cpus": 4},
    "gpus_half": {"num_gpus": 0.5},
    "gpus_1": {"num_gpus": 1},
    "gpus_2": {"num_gpus": 2},
    "memory": {"memory_bytes": 64 << 20},
}
for _label, _options in _UDFS.items():
    query(udf(_label, **_options))


def udf_actors(label: str, **options: Any) -> Callable[[Path], Any]:
    def run(_folder: Path) -> Any:
        import daft

        @daft.udf(return_dtype=daft.DataType.float64(), concurrency=2, **options)
        class Rooted:
            def __init__(self) -> None:
                self.root = math.sqrt

            def __call__(self, column: Any) -> Any:
                time.sleep(0.01)
                return [self.root(value) for value in column.to_pylist()]

        rooted: Any = Rooted
        return people().with_column("done", rooted(daft.col("value")))

    run.__name__ = f"udf_actors_{label}"
    return run


query(udf_actors("plain"))
query(udf_actors("cpus_2", num_cpus=2))
query(udf_actors("gpus_1", num_gpus=1))


@query
def two_udfs(_folder: Path) -> Any:
    import daft

    @daft.udf(return_dtype=daft.DataType.int64(), num_cpus=2)
    def wide(column: Any) -> Any:
        return [value + 1 for value in column.to_pylist()]

    @daft.udf(return_dtype=daft.DataType.int64(), num_gpus=1)
    def on_gpu(column: Any) -> Any:
        return [value * 2 for value in column.to_pylist()]

    frame = people().with_column("wide", wide(daft.col("id")))
    return frame.repartition(3, "group").with_column("done", on_gpu(daft.col("wide")))


@query
def data_source(_folder: Path) -> Any:
    import daft
    from daft.io.source import DataSource, DataSourceTask

    shape = daft.from_pydict({"row": [1]}).schema()

    class Task(DataSourceTask):
        def __init__(self, start: int) -> None:
            self.start = start

        @property
        def schema(self) -> Any:
            return shape

        def get_micro_partitions(self) -> Iterator[Any]:
            rows = list(range(self.start, self.start + 5))
            yield daft.recordbatch.MicroPartition.from_pydict({"row": rows})

        async def read(self) -> AsyncIterator[Any]:
            rows = list(range(self.start, self.start + 5))
            yield daft.recordbatch.RecordBatch.from_pydict({"row": rows})

    class Source(DataSource):
        @property
        def name(self) -> str:
            return "counting"

        @property
        def schema(self) -> Any:
            return shape

        def get_tasks(self, _pushdowns: Any) -> Any:
            return make_tasks()

    tasks = [Task(start) for start in range(0, 30, 5)]
    if hasattr(DataSourceTask, "read"):

        async def make_tasks() -> AsyncIterator[Any]:
            for task in tasks:
                yield task

    else:

        def make_tasks() -> Iterator[Any]:  # type: ignore[misc]
            yield from tasks

    return Source().read()


@query
def data_sink(folder: Path) -> Any:
    import daft
    from daft.io.sink import DataSink, WriteResult

    target = folder / "sink"
    target.mkdir()

    class Sink(DataSink[int]):
        def name(self) -> str:
            return "counting"

        def schema(self) -> Any:
            return daft.from_pydict({"rows": [1]}).schema()

        def start(self) -> None:
            pass

        def write(self, micropartitions: Iterator[Any]) -> Iterator[Any]:
            for part in micropartitions:
                yield WriteResult(result=len(part), bytes_written=1, rows_written=len(part))

        def finalize(self, results: list[Any]) -> Any:
            rows = sum(result.result for result in results)
            return daft.recordbatch.MicroPartition.from_pydict({"rows": [rows]})

    return people().write_sink(Sink())


@query
def fleet_to_fleet(_folder: Path) -> Any:
    """Under a layout of narrow workers, each step runs on another fleet than the one before."""
    import daft

    def step(**options: Any) -> Any:
        @daft.udf(return_dtype=daft.DataType.int64(), **options)
        def next_one(column: Any) -> Any:
            return [value + 1 for value in column.to_pylist()]

        return next_one

    frame = people().collect()
    each: list[dict[str, int]] = [{}, {"num_cpus": 2}, {"num_cpus": 4}, {}]
    for options in each:
        frame = frame.with_column("id", step(**options)(daft.col("id"))).collect()
    return frame
