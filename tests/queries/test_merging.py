"""Small files of Python code are read together in a task, and rows stay in the order of the files."""

from __future__ import annotations

import itertools
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import protoplast
from protoplast.seams.check import release
from protoplast.seams.optional import MERGING
from tests.support.queries import nothing_is_learnt
from tests.support.shared_driver import Scenarios

CPUS = 2
FILES = 100
ROWS = 3000
# So many tasks a slot are left, or more.
MERGED_TASKS_PER_SLOT = 10


def write(folder: Path) -> None:
    """Rows that count on from file to file, in files of unequal size and of several row groups."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    bounds = [part + (ROWS - FILES) * part**2 // FILES**2 for part in range(FILES + 1)]
    for part, (start, end) in enumerate(itertools.pairwise(bounds)):
        rows = range(start, end)
        pq.write_table(
            pa.table({"row": pa.array(rows, pa.int64())}),
            folder / f"{part:03}.parquet",
            row_group_size=max(1, (end - start) // 3),
        )
        (folder / f"{part:03}.jsonl").write_text("".join(f'{{"row": {row}}}\n' for row in rows))
        (folder / f"{part:03}.csv").write_text("row\n" + "".join(f"{row}\n" for row in rows))


def doubled(df: Any) -> Any:
    import daft

    @daft.func(return_dtype=daft.DataType.int64())
    def double(row: int) -> int:
        return 2 * row

    return df.with_column("doubled", double(df["row"]))


def doubled_in_batches(df: Any) -> Any:
    import daft

    @daft.func.batch(return_dtype=daft.DataType.int64(), batch_size=7)
    def double(rows: Any) -> Any:
        return [2 * row for row in rows.to_pylist()]

    return df.with_column("doubled", double(df["row"]))


def ran(df: Any) -> tuple[bool, int]:
    """Whether the rows came in the order of their files, and how many partitions they have."""
    df = df.collect()
    answer = df.to_pydict()
    assert sorted(answer["row"]) == list(range(ROWS))
    assert answer["doubled"] == [2 * row for row in answer["row"]]
    return answer["row"] == list(range(ROWS)), len(list(df.iter_partitions()))


@nothing_is_learnt()
def merging(folder: str) -> dict[str, Any]:
    import daft
    from daft.functions import monotonically_increasing_id

    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from protoplast.seams import ray as ray_seams

    def ids(df: Any) -> Any:
        numbered = doubled(df.with_column("id", monotonically_increasing_id()))
        return sorted(numbered.to_pydict()["id"])

    def paths(df: Any) -> Any:
        answer = df.to_pydict()
        return sorted(zip(answer["row"], answer["path"], strict=True))

    write(Path(folder))

    def files(kind: str) -> list[str]:
        return [f"{folder}/{part:03}.{kind}" for part in range(FILES)]

    frames = {
        "parquet": daft.read_parquet(files("parquet")),
        "json": daft.read_json(files("jsonl")),
        "csv": daft.read_csv(files("csv")),
    }
    parquet = frames["parquet"]
    with_path = daft.read_parquet(files("parquet"), file_path_column="path")
    found: dict[str, Any] = {"stock": ran(doubled(parquet)), "stock ids": ids(parquet)}
    found["stock paths"] = paths(doubled(with_path))
    apply_flotilla_patches("auto,startup=eager")
    for name, df in frames.items():
        found[name] = ran(doubled(df))
        found[f"{name} in batches"] = ran(doubled_in_batches(df))
    found["reason"] = str(protoplast.explain(doubled(parquet)))
    found["ids"] = ids(parquet)
    found["paths"] = paths(doubled(with_path))
    with daft.execution_config_ctx(scantask_max_parallel=2):
        found["own setting"] = ran(doubled(parquet))
    can_grow, ray_seams.cluster_can_grow = ray_seams.cluster_can_grow, lambda: True
    found["can grow"] = ran(doubled(parquet))
    ray_seams.cluster_can_grow = can_grow
    apply_flotilla_patches("cpus-per-worker=2")
    found["wide"] = ran(doubled(parquet))
    apply_flotilla_patches("resource=GPU -> per-core")
    found["no node selected"] = ran(doubled(frames["csv"]))
    return found


@pytest.mark.skipif(
    release(version("daft")) < release(MERGING.since), reason="files are not merged for this Daft"
)
def test_small_files_are_read_together_in_their_order(scenarios: Scenarios, tmp_path: Path) -> None:
    found = scenarios(merging, str(tmp_path), cpus=CPUS)
    # Threads mix the rows within a file.
    assert found["stock"][1] == FILES
    for name in ("parquet", "json", "csv"):
        for how in (name, f"{name} in batches"):
            is_ordered, tasks = found[how]
            assert is_ordered, how
            assert CPUS * MERGED_TASKS_PER_SLOT <= tasks < FILES / 2, how
    assert found["reason"].startswith("runs on 'per-core'")
    assert found["ids"] == found["stock ids"], "ids count by task"
    assert found["paths"] == found["stock paths"]
    assert found["own setting"] == [True, FILES], "the user's own setting wins"
    assert found["can grow"] == [True, FILES], "an autoscaler adds nodes for tasks that wait"
    assert found["wide"][1] == FILES, "threads would mix the files of a task"
    assert found["no node selected"] == [True, FILES], "its worker has several threads"
