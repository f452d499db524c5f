"""A split scan leaves no more files than stock, and no more partitions than there are slots."""

from __future__ import annotations

import os
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from protoplast.seams.check import release
from protoplast.seams.optional import GATHERING
from tests.support.queries import nothing_is_learnt
from tests.support.shared_driver import Scenarios

CPUS = 4
GROUPS = 40
ROWS = 4000
KEYS = 3


def write(folder: Path) -> str:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = range(ROWS)
    table = pa.table(
        {"row": rows, "key": [row % KEYS for row in rows], "text": list(map(str, rows))}
    )
    pq.write_table(table, folder / "groups.parquet", row_group_size=ROWS // GROUPS)
    return str(folder / "groups.parquet")


def with_pid(df: Any) -> Any:
    import daft

    @daft.func(return_dtype=daft.DataType.int64())
    def pid(_row: int) -> int:
        return os.getpid()

    return df.with_column("pid", pid(daft.col("row")))


def as_bytes(df: Any) -> Any:
    import daft

    @daft.func(return_dtype=daft.DataType.binary())
    def encoded(text: str) -> bytes:
        return text.encode()

    return df.with_column("bytes", encoded(daft.col("text")))


def as_text(df: Any) -> Any:
    import daft

    @daft.func(return_dtype=daft.DataType.string())
    def longer(text: str) -> str:
        return 10 * text

    return df.with_column("text", longer(daft.col("text")))


def written(folder: str, df: Any, how: str) -> list[Any]:
    """How many files were written, how many processes made the rows, and whether they are in order."""
    import daft
    from daft import col

    shutil.rmtree(folder, ignore_errors=True)
    kind, _, option = how.partition(" ")
    options: dict[str, Any] = {"write_mode": "overwrite"} if option == "overwrite" else {}
    if option == "by key":
        options["partition_cols"] = [col("key")]
    getattr(df, f"write_{kind}")(folder, **options)
    files = sorted(str(path) for path in Path(folder).rglob(f"*.{kind}"))
    read = getattr(daft, f"read_{kind}")(files).select("row", "pid").to_pydict()
    assert sorted(read["row"]) == list(range(ROWS))
    in_order = read["row"] == sorted(read["row"])
    return [len(files), len(set(read["pid"])), in_order]


WAYS = ("parquet", "csv", "json", "parquet overwrite", "parquet by key")


def leaving(folder: str) -> dict[str, Any]:
    import daft

    with nothing_is_learnt():
        return left(daft.read_parquet(write(Path(folder))), f"{folder}/out")


def left(df: Any, out: str) -> dict[str, Any]:
    import daft

    from protoplast.patches.daft_flotilla import apply_flotilla_patches, rollback_flotilla_patches

    found: dict[str, Any] = {}

    def partitions(df: Any) -> int:
        return len(list(df.collect().iter_partitions()))

    for layout in (None, "per-core", "auto,startup=eager"):
        if layout:
            apply_flotilla_patches(layout)
        of: dict[str, Any] = {how: written(out, with_pid(df), how) for how in WAYS}
        found[layout or "stock"] = of
        collected = with_pid(df).collect()
        of["collected"] = len(list(collected.iter_partitions()))
        of["order"] = collected.to_pydict()["row"] == list(range(ROWS))
        of["groups"] = partitions(with_pid(df).groupby("key").agg(daft.col("row").sum()))
        of["sum"] = with_pid(df).agg(daft.col("row").sum()).to_pydict()
        of["streamed"] = sum(1 for _ in with_pid(df).iter_partitions())
        of["explode"] = partitions(with_pid(df).with_column("two", daft.lit([1, 2])).explode("two"))
    found["bulky"] = written(out, as_bytes(with_pid(df)).exclude("text"), "parquet")
    found["made text"] = written(out, as_text(with_pid(df)), "parquet")
    found["made text collected"] = partitions(as_text(with_pid(df)))
    with daft.execution_config_ctx(parquet_target_filesize=20_000):
        found["target"] = written(out, with_pid(df), "parquet")
    with daft.execution_config_ctx(shuffle_algorithm="flight_shuffle"):
        found["flight"] = written(out, with_pid(df), "parquet")
    rollback_flotilla_patches()
    found["after"] = written(out, with_pid(df), "parquet")
    return found


@pytest.mark.skipif(
    release(version("daft")) < release(GATHERING.since), reason="scans are not split for this Daft"
)
def test_rows_of_a_split_scan_are_gathered(scenarios: Scenarios, tmp_path: Path) -> None:
    found = scenarios(leaving, str(tmp_path), cpus=CPUS)
    stock = found["stock"]
    for layout in ("per-core", "auto,startup=eager"):
        ours = found[layout]
        for how in WAYS:
            files, processes, in_order = ours[how]
            assert files == stock[how][0], how
            assert processes == CPUS, "every core had work"
            assert in_order or how == "parquet by key", how
        assert ours["collected"] == CPUS
        assert ours["order"]
        assert ours["groups"] <= CPUS
        assert ours["sum"] == stock["sum"]
        assert ours["streamed"] > CPUS, "the first rows do not wait for others"
        assert ours["explode"] > CPUS, "it may be too much for Ray's store"
    assert found["bulky"][:2] == [CPUS, CPUS], "a file for each slot"
    assert found["made text"][:2] == [CPUS, CPUS], "it could be of any size"
    assert found["made text collected"] == CPUS, "it is in Ray's store in any case"
    assert found["flight"][:2] == [CPUS, CPUS], "Daft cannot gather there"
    assert found["target"][0] > 1, "as Daft's target asks for"
    assert found["after"][0] == stock["parquet"][0]
