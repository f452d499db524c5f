"""Native queries over files, and what shows which plans workers have run. For the processes of tests."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROWS = 3000
FILES = 4
LARGE_ROWS = 2_400_000


def apply(layout: str = "auto") -> None:
    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    apply_flotilla_patches(layout)


def write(folder: Path) -> None:
    """Rows `id`, `key`, `name` and `value` in four Parquet files, and as CSV and JSON."""
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet as pq

    for kind in ("rows", "csv", "json"):
        Path(folder, kind).mkdir()
    step = ROWS // FILES
    for part in range(FILES):
        ids = range(part * step, (part + 1) * step)
        table = pa.table(
            {
                "id": list(ids),
                "key": [row % 7 for row in ids],
                "name": [f"name-{row % 11}" for row in ids],
                "value": [row / 8 for row in ids],
            }
        )
        pq.write_table(table, folder / "rows" / f"{part}.parquet", row_group_size=step // 2)
        pyarrow.csv.write_csv(table, folder / "csv" / f"{part}.csv")
        lines = "".join(f'{{"id": {row}, "key": {row % 7}}}\n' for row in ids)
        (folder / "json" / f"{part}.jsonl").write_text(lines)


def large(folder: Path) -> None:
    """Rows `id`, which count, and `key`, which is mixed, in two Parquet files of many row groups."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    half = LARGE_ROWS // 2
    keys = np.random.default_rng(7).permutation(LARGE_ROWS)
    for part in range(2):
        of_part = slice(part * half, (part + 1) * half)
        table = pa.table({"id": np.arange(LARGE_ROWS)[of_part], "key": keys[of_part]})
        pq.write_table(table, folder / f"{part}.parquet", row_group_size=100_000)


def read(folder: Path) -> Any:
    import daft

    return daft.read_parquet(f"{folder}/rows/*.parquet")


def _filter(folder: Path) -> Any:
    import daft

    rows = read(folder)
    return rows.where((daft.col("id") % 3 == 0) & (daft.col("value") > 9.0)).to_pylist()


def _groupby(folder: Path) -> Any:
    import daft

    column = daft.col("value")
    aggregated = read(folder).groupby("key").agg(column.sum().alias("s"), column.count().alias("n"))
    return aggregated.collect().to_pylist()


def _join(folder: Path) -> Any:
    rows = read(folder)
    return rows.join(rows.select("key", "name").distinct(), on=["key", "name"]).to_pylist()


def _sorted(folder: Path) -> Any:
    return read(folder).sort(["name", "id"], desc=[True, False]).to_pylist()


def _sorted_limit(folder: Path) -> Any:
    return read(folder).sort("id", desc=True).limit(5).to_pylist()


def _sorted_offset(folder: Path) -> Any:
    return read(folder).sort("id").offset(7).limit(5).to_pylist()


def _limit(folder: Path) -> Any:
    return [{"rows": len(read(folder).limit(17).to_pydict()["id"])}]


def _show(folder: Path) -> Any:
    read(folder).where(read(folder)["id"] == 5).show()
    return [{"shown": True}]


def _iter_rows(folder: Path) -> Any:
    return list(read(folder).iter_rows())


def _to_pandas(folder: Path) -> Any:
    return read(folder).distinct("key").select("key").to_pandas().to_dict("records")


def _to_arrow(folder: Path) -> Any:
    return read(folder).count().to_arrow().to_pylist()


def _sql(folder: Path) -> Any:
    import daft

    text = "SELECT key, SUM(id) AS s, MAX(name) AS m FROM rows WHERE id > 9 GROUP BY key"
    return daft.sql(text, register_globals=False, rows=read(folder)).to_pylist()


def _window(folder: Path) -> Any:
    import daft

    over = daft.Window().partition_by("key").order_by("id")
    return read(folder).with_column("before", daft.col("value").lag(1).over(over)).to_pylist()


def _pivot(folder: Path) -> Any:
    names = ["name-1", "name-2"]
    return read(folder).pivot("key", "name", "value", "sum", names=names).to_pylist()


def _explode(folder: Path) -> Any:
    import daft

    rows = read(folder).with_column("part", daft.functions.split(daft.col("name"), "-"))
    return rows.explode("part").select("id", "part").to_pylist()


def _csv(folder: Path) -> Any:
    import daft

    return daft.read_csv(f"{folder}/csv/*.csv").where(daft.col("key") == 3).to_pylist()


def _json(folder: Path) -> Any:
    import daft

    return daft.read_json(f"{folder}/json/*.jsonl").where(daft.col("key") == 3).to_pylist()


def _ray_dataset(folder: Path) -> Any:
    return read(folder).where(read(folder)["id"] < 9).to_ray_dataset().take_all()


def _torch(dataset: str) -> Callable[[Path], Any]:
    def query(folder: Path) -> Any:
        with _torch_pipes():
            rows = getattr(
                read(folder).where(read(folder)["id"] < 9), f"to_torch_{dataset}_dataset"
            )()
        return list(rows) if dataset == "iter" else [rows[row] for row in range(len(rows))]

    return query


@contextlib.contextmanager
def _torch_pipes() -> Iterator[None]:
    """Have Daft's datasets for torch inherit from plain classes. They need no more of torch."""
    pipes = SimpleNamespace(
        map=SimpleNamespace(MapDataPipe=object), iter=SimpleNamespace(IterDataPipe=object)
    )
    modules: dict[str, Any] = sys.modules
    modules["torchdata"] = SimpleNamespace(datapipes=pipes)
    try:
        yield
    finally:
        del modules["torchdata"]


# By name; those whose name begins with `sorted` have an order.
QUERIES: dict[str, Callable[[Path], Any]] = {
    "filter": _filter,
    "groupby": _groupby,
    "join": _join,
    "sorted": _sorted,
    "sorted with a limit": _sorted_limit,
    "sorted with an offset": _sorted_offset,
    "limit": _limit,
    "show": _show,
    "iter_rows": _iter_rows,
    "to_pandas": _to_pandas,
    "to_arrow": _to_arrow,
    "sql": _sql,
    "window": _window,
    "pivot": _pivot,
    "explode": _explode,
    "csv": _csv,
    "json": _json,
    "to_ray_dataset": _ray_dataset,
    "to_torch_iter_dataset": _torch("iter"),
    "to_torch_map_dataset": _torch("map"),
}


def ran_whole() -> bool:
    """Whether the last query of this process ran on one worker."""
    from protoplast.driver.recent import RECENT

    reason = RECENT[-1].explanation.reason
    return "it runs as one task on one worker" in reason and "ran in tasks" not in reason


def warnings_of(logger: logging.Logger) -> list[str]:
    """Return the warnings of a logger, as they come."""
    warnings: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno >= logging.WARNING:
                warnings.append(record.getMessage())

    logger.addHandler(Keep())
    return warnings


class _Watched:
    """Stands before the executor of a worker and notes each plan that it runs."""

    def __init__(self, executor: Any) -> None:
        self.executor = executor
        self.plans: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.executor, name)

    def run(self, plan: Any, *arguments: Any) -> Any:
        self.plans.append(type(plan).__name__)
        return self.executor.run(plan, *arguments)


def _watch(actor: Any, is_short: bool) -> None:
    from protoplast.worker import whole_plans

    actor.native_executor = _Watched(actor.native_executor)
    actor.watched = actor.native_executor
    if is_short:
        vars(whole_plans)["_core"] = _WithoutMemory(vars(whole_plans)["_core"])


class _WithoutMemory:
    def __init__(self, core: Any) -> None:
        self._core = core

    def __getattr__(self, name: str) -> Any:
        return getattr(self._core, name)

    @staticmethod
    def available_memory() -> tuple[int, int]:
        return 1 << 20, 100 << 20


def _plans(actor: Any) -> list[str]:
    return list(actor.watched.plans)


def _workers() -> list[Any]:
    from protoplast.driver.fleets import FLEETS

    (report,) = [fleet.report(30.0) for fleet in FLEETS.live()]
    assert report is not None
    return list(report.workers)


def watch_plans(*, is_short: bool = False) -> None:
    """Have the workers of the only fleet note the plans that they run, from now on."""
    import ray

    for started in _workers():
        ray.get(started.actor.__ray_call__.remote(_watch, is_short))


def plans_run(*, by_worker: bool = False) -> Any:
    """Return the types of the plans that were run since, all together or by the id of the worker."""
    import ray

    found = {
        started.worker.worker_id: ray.get(started.actor.__ray_call__.remote(_plans))
        for started in _workers()
    }
    return found if by_worker else [plan for plans in found.values() for plan in plans]
