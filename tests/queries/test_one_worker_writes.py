"""Under `auto` one worker writes the files of a native query: as many as stock leaves, or fewer."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import protoplast
from protoplast.seams.check import release
from protoplast.seams.whole_plans import WHOLE_PLANS
from tests.queries.whole_queries import apply, large, ran_whole, read, write
from tests.queries.whole_writes import (
    IN_TASKS,
    ON_ONE_WORKER,
    files_of,
    rows_below,
    rows_of,
)
from tests.support.shared_driver import Scenarios

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        release(version("daft")) < release(WHOLE_PLANS.since),
        reason="no worker of this Daft runs a whole query",
    ),
]

CPUS = 2


def reason() -> str:
    return protoplast.status().queries[-1].reason


def written(folder: str) -> Any:
    """Run each write on stock and under `auto`.

    Returns:
        By name of the write, for both: how many paths Daft has returned; for `auto` also the reason.
    """
    held = Path(folder)
    write(held)
    found: dict[str, Any] = {}
    writes = {name: query for name, (query, _) in ON_ONE_WORKER.items()}
    writes |= {name: query for name, (query, _, _) in IN_TASKS.items()}
    for layout in ("stock", "auto"):
        if layout != "stock":
            apply(layout)
        for name, query in writes.items():
            paths = query(held, held / layout / name).to_pydict()["path"]
            found.setdefault(name, []).append(len(paths))
            if layout != "stock":
                found[name].append(reason())
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("written")


@pytest.fixture(scope="module")
def found(scenarios: Scenarios, folder: Path) -> Any:
    return scenarios(written, str(folder), cpus=CPUS, timeout=200)


@pytest.mark.parametrize("name", ON_ONE_WORKER)
def test_one_worker_leaves_the_rows_of_stock_in_no_more_files(
    name: str, found: Any, folder: Path
) -> None:
    stock, ours, why = found[name]
    assert why.split("; ")[-1].startswith("it runs as one task on one worker"), why
    of_stock, of_ours = (files_of(folder / layout / name) for layout in ("stock", "auto"))
    assert len(of_ours) == ON_ONE_WORKER[name][1] <= len(of_stock)
    assert ours == len([file for file in of_ours if file.name != "_SUCCESS"])
    assert {path.parent.name for path in of_ours} - {name} == {
        path.parent.name for path in of_stock
    } - {name}
    assert rows_below(folder / "auto" / name) == rows_below(folder / "stock" / name)
    assert ours <= stock


@pytest.mark.parametrize("name", IN_TASKS)
def test_files_that_the_user_counts_are_as_many_as_on_stock(
    name: str, found: Any, folder: Path
) -> None:
    stock, ours, why = found[name]
    assert why.endswith(f"it runs in tasks because of {IN_TASKS[name][2]}"), why
    of_stock, of_ours = (files_of(folder / layout / name) for layout in ("stock", "auto"))
    assert len(of_ours) == len(of_stock) == ours == stock == IN_TASKS[name][1]
    assert rows_below(folder / "auto" / name) == rows_below(folder / "stock" / name)


def test_sorted_rows_are_in_order_in_the_file(found: Any, folder: Path) -> None:
    assert found["sorted"]
    (file,) = files_of(folder / "auto" / "sorted")
    ids = [row["id"] for row in rows_of(file)]
    assert ids == sorted(ids)


def of_a_size(folder: str) -> Any:
    """Write many rows with a small target size, in order; and rows that are mixed after the sort."""
    import daft

    held = Path(folder)
    large(held)
    found: list[Any] = []
    rows = daft.read_parquet([f"{folder}/{part}.parquet" for part in range(2)]).sort("key")
    later = rows.select((daft.col("key") + daft.col("id") * 0).alias("key"))
    for layout in ("stock", "auto"):
        if layout != "stock":
            apply(layout)
        with daft.execution_config_ctx(
            parquet_target_filesize=2 << 20, parquet_target_row_group_size=1 << 20
        ):
            rows.write_parquet(str(held / layout))
        if layout != "stock":
            found.append(ran_whole())
            later.write_parquet(str(held / "later"))
            found.append(reason())
    return found


def test_the_target_size_of_a_file_holds(scenarios: Scenarios, tmp_path: Path) -> None:
    is_whole, later = scenarios(of_a_size, str(tmp_path), cpus=CPUS, timeout=200)
    assert is_whole
    assert later.endswith("of sorted rows that it writes"), later
    stock, ours = files_of(tmp_path / "stock"), files_of(tmp_path / "auto")
    assert 1 < len(ours) <= len(stock) + 2, (len(ours), len(stock))
    assert max(file.stat().st_size for file in ours) < 8 << 20
    keys = [[row["key"] for row in rows_of(file)] for file in ours]
    assert all(of == sorted(of) for of in keys)
    assert sum(map(len, keys)) == 2_400_000


def overwritten(folder: str) -> Any:
    """Write over what is there in each mode, on stock and under `auto`; write where it was read."""
    import daft

    held = Path(folder)
    write(held)
    found: list[Any] = []
    for layout in ("stock", "auto"):
        if layout != "stock":
            apply(layout)
        for mode in ("append", "overwrite", "overwrite-partitions"):
            into = held / layout / mode
            for key in ("key=1", "key=99"):
                (into / key).mkdir(parents=True)
                (into / key / "old.parquet").write_bytes(b"old")
            rows = read(held).where(daft.col("key") < 2).sort("id")
            rows.write_parquet(str(into), partition_cols=["key"], write_mode=mode)
            found.append(ran_whole() if layout != "stock" else None)
        own = held / layout / "own"
        rows = read(held).sort("id")
        rows.write_parquet(str(own))
        daft.read_parquet(f"{own}/*.parquet").sort("key").write_parquet(
            str(own), write_mode="overwrite"
        )
        found.append(reason() if layout != "stock" else None)
    return found


def test_each_mode_of_writing_leaves_what_stock_leaves(
    scenarios: Scenarios, tmp_path: Path
) -> None:
    *is_whole, own = scenarios(overwritten, str(tmp_path), cpus=CPUS)[4:]
    assert is_whole == [True, True, True]
    assert own.endswith("its write to where it reads")
    for mode, left in (("append", 2), ("overwrite", 0), ("overwrite-partitions", 1)):
        stock, ours = (files_of(tmp_path / layout / mode) for layout in ("stock", "auto"))
        for files in (stock, ours):
            assert len([file for file in files if file.name == "old.parquet"]) == left, mode
        new = [file for file in ours if file.name != "old.parquet"]
        assert sorted(file.parent.name for file in new) == ["key=0", "key=1"]
        for files in (stock, ours):
            for file in files:
                if file.name == "old.parquet":
                    file.unlink()
        assert rows_below(tmp_path / "auto" / mode) == rows_below(tmp_path / "stock" / mode)
    assert rows_below(tmp_path / "auto" / "own") == rows_below(tmp_path / "stock" / "own")
