"""Queries with Python code in them, for comparing layouts: every form of UDF, a source and a sink."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

from tests.support.parity_queries import people, query


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
