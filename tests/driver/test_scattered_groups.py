"""Under `auto` one worker groups many decimals only if the rows of a group are close together."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from protoplast.seams import scan_options
from protoplast.seams.check import release
from protoplast.seams.whole_plans import WHOLE_PLANS
from tests.support.shared_driver import Scenarios

# A worker of one CPU gathers fewer rows than these faster than tasks do, also if Daft estimates fewer.
ROWS = 10_000_000
# Each key has so many rows.
PER_KEY = 4
# So few rows do not matter.
FEW = 100_000


def write(folder: Path) -> None:
    """Write a file with a column whose equal keys follow each other, and one where they do not."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    close: Any = np.arange(ROWS) // PER_KEY
    scattered: Any = np.arange(ROWS) % (ROWS // PER_KEY)
    # One of a hundred values, as a decimal with two digits after the point.
    value = pa.array(np.arange(ROWS) % 100, pa.int64()).cast(pa.decimal128(19, 0))
    table = pa.table({"close": close, "scattered": scattered, "value": value, "float": close * 0.5})
    pq.write_table(table, folder / "rows.parquet")
    pq.write_table(table.slice(0, FEW), folder / "few.parquet")


def scenario(folder: str) -> Any:
    import daft

    import protoplast
    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    write(Path(folder))

    def grouped(key: str, column: str = "value", file: str = "rows") -> Any:
        rows = daft.read_parquet(f"{folder}/{file}.parquet").groupby(key)
        return rows.agg(daft.col(column).sum().alias("sum"))

    def reason(df: Any) -> str:
        return str(protoplast.explain(df).reason)

    apply_flotilla_patches("auto")
    found: dict[str, Any] = {key: reason(grouped(key)) for key in ("close", "scattered")}
    found["float"] = reason(grouped("scattered", "float"))
    found["few"] = reason(grouped("scattered", file="few"))
    result = grouped("scattered").agg(
        daft.col("sum").sum(), daft.col("sum").count().alias("groups")
    )
    found["answer"] = [int(values[0]) for values in result.to_pydict().values()]
    Path(folder, "rows.parquet").unlink()
    return found


@pytest.mark.skipif(
    release(version("daft")) < release(WHOLE_PLANS.since),
    reason="no worker of this Daft runs a whole query",
)
def test_scattered_groups_of_decimals_run_in_tasks(scenarios: Scenarios, tmp_path: Path) -> None:
    found = scenarios(scenario, str(tmp_path), cpus=1)
    assert "it runs in tasks because of its groups" in found["scattered"]
    for whole in ("close", "float", "few"):
        assert "one task on one worker" in found[whole], whole
    assert found["answer"] == [sum(range(100)) * ROWS // 100, ROWS // PER_KEY]


def test_a_batch_that_cannot_be_read_tells_nothing(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = str(tmp_path / "a.parquet")
    rows = {"key": pa.array([1, 1, 2, None]), "other": pa.array(["x", "y", "x", "x"])}
    pq.write_table(pa.table(rows), path)
    assert scan_options.keys_of_batch(path, 9, ["key"]) == (4, 3)
    assert scan_options.keys_of_batch(path, 3, ["key", "other"]) == (3, 3)
    assert scan_options.keys_of_batch(path, 9, ["missing"]) is None
    pq.write_table(pa.table({"key": pa.array([], pa.int64())}), path)
    assert scan_options.keys_of_batch(path, 9, ["key"]) is None
    Path(path).write_text("no Parquet")
    assert scan_options.keys_of_batch(path, 9, ["key"]) is None
    assert scan_options.keys_of_batch(f"{path}.gone", 9, ["key"]) is None
