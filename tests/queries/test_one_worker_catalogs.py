"""Under `auto` one worker writes the files of Delta Lake and Iceberg, and the driver commits them."""

from __future__ import annotations

import logging
import os
import signal
import threading
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import protoplast
from protoplast.seams.check import release
from protoplast.seams.whole_plans import WHOLE_PLANS
from tests.queries.whole_queries import ROWS, apply, ran_whole, read, warnings_of, write
from tests.queries.whole_writes import slow_texts
from tests.support.shared_driver import Scenarios

pytest.importorskip("deltalake")
pytest.importorskip("pyiceberg")

pytestmark = pytest.mark.skipif(
    release(version("daft")) < release(WHOLE_PLANS.since),
    reason="no worker of this Daft runs a whole query",
)

CPUS = 2
SLOW_ROWS = 1000


def delta(rows: Any, folder: Path, mode: str, keys: list[str] | None) -> list[str]:
    written = rows.write_deltalake(str(folder / "delta"), mode=mode, partition_cols=keys)
    return list(written.to_pydict()["operation"])


def iceberg(rows: Any, folder: Path, mode: str, keys: list[str] | None) -> list[str]:
    from pyiceberg.catalog.sql import SqlCatalog

    assert keys is None
    folder.mkdir(parents=True, exist_ok=True)
    catalog = SqlCatalog("c", uri=f"sqlite:///{folder}/c.db", warehouse=f"file://{folder}")
    catalog.create_namespace_if_not_exists("a")
    schema = rows.schema().to_pyarrow_schema()
    table = catalog.create_table_if_not_exists("a.b", schema=schema)
    written = rows.write_iceberg(table, mode=mode)
    assert catalog.load_table("a.b").scan().to_arrow().num_rows % ROWS == 0
    return list(written.to_pydict()["operation"])


def rows_of_delta(folder: Path) -> list[int]:
    import daft

    return sorted(daft.read_deltalake(str(folder / "delta")).to_pydict()["id"])


def written(folder: str) -> Any:
    """What each write has added and deleted, on stock and under `auto`, and whether one worker wrote."""
    import daft

    held = Path(folder)
    write(held)
    found: dict[str, Any] = {}
    for layout in ("stock", "auto"):
        if layout != "stock":
            apply(layout)
        for name, to in (("delta", delta), ("iceberg", iceberg)):
            for keys in (None, ["key"]) if name == "delta" else (None,):
                into = held / layout / name / str(keys)
                rows = [read(held).sort("id"), read(held).sort("id"), read(held).distinct("id")]
                rows.append(read(held).where(daft.col("id") + daft.col("key") < 0).sort("id"))
                steps: list[Any] = []
                for of, mode in zip(rows, ("append", "append", "overwrite", "append"), strict=True):
                    steps.append(to(of, into, mode, keys))
                    if layout != "stock":
                        steps.append(ran_whole())
                found.setdefault(f"{name} {keys}", []).append(steps)
                if name == "delta":
                    assert rows_of_delta(into) == list(range(ROWS))
    return found


def test_one_worker_leaves_one_file_where_stock_leaves_several(
    scenarios: Scenarios, tmp_path: Path
) -> None:
    found = scenarios(written, str(tmp_path), cpus=CPUS, timeout=200)
    for name, (stock, ours) in found.items():
        files = 7 if "key" in name else 1
        add, delete = ["ADD"] * files, ["DELETE"] * files
        assert ours == [add, True, add, True, add + delete + delete, True, [], True], name
        assert [len(step) >= len(of) for step, of in zip(stock, ours[::2], strict=True)] == [
            True
        ] * 4
        assert len(stock[0]) == 4 * files, name


def worker_dies(folder: str) -> Any:
    """The worker dies while it writes; the table then has each row once."""
    import daft

    warnings = warnings_of(logging.getLogger("protoplast"))
    apply()
    slow_texts(1).collect()
    (worker,) = protoplast.status().workers
    threading.Timer(1.0, lambda: os.kill(worker.pid or 0, signal.SIGKILL)).start()
    rows = slow_texts(SLOW_ROWS).with_column_renamed("row", "id")
    with daft.execution_config_ctx(default_morsel_size=20):
        operations = delta(rows, Path(folder), "append", None)
    reason = protoplast.status().queries[-1].reason
    texts = [str(text) for text in warnings if "ran in tasks" in str(text)]
    return [operations, rows_of_delta(Path(folder)), reason, len(texts)]


def test_a_table_has_each_row_once_if_a_worker_dies(scenarios: Scenarios, tmp_path: Path) -> None:
    operations, rows, reason, warnings = scenarios(worker_dies, str(tmp_path), cpus=CPUS)
    assert operations == ["ADD"]
    assert rows == list(range(SLOW_ROWS))
    assert "but it ran in tasks, because worker" in reason
    assert warnings == 1
