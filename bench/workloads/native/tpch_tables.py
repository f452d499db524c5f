"""The tables of TPC-H, made by tpchgen-cli."""

from __future__ import annotations

import subprocess
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from bench.workloads.drafts import draft_of
from bench.workloads.sizes import Sizes

if TYPE_CHECKING:
    import daft

TABLES = ("customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier")
# The files of a table; the smallest two tables have one.
PARTS = 16


def folder(sizes: Sizes) -> Path:
    return sizes.data / f"tpch-{sizes.scale:g}"


def write(sizes: Sizes) -> None:
    if folder(sizes).exists():
        return
    command = Path(sysconfig.get_path("scripts"), "tpchgen-cli")
    with draft_of(folder(sizes)) as draft:
        chosen = [f"--scale-factor={sizes.scale}", f"--parts={PARTS}", f"--output-dir={draft}"]
        subprocess.run([command, "parquet", *chosen], check=True)
        for path in sorted(draft.rglob("*.parquet")):
            with_plain_strings(path)


def with_plain_strings(path: Path) -> None:
    """Write a file again without Arrow's string views, which Daft 0.7.26 does not read."""
    old = pq.ParquetFile(path)
    schema = pa.schema(
        field.with_type(pa.string()) if field.type == pa.string_view() else field
        for field in old.schema_arrow
    )
    plain = path.with_suffix(".plain")
    with pq.ParquetWriter(plain, schema) as writer:
        for group in range(old.num_row_groups):
            writer.write_table(old.read_row_group(group).cast(schema))
    plain.rename(path)


def read(sizes: Sizes) -> dict[str, daft.DataFrame]:
    """All tables, in Daft."""
    import daft

    return {table: daft.read_parquet(f"{folder(sizes)}/{table}/*.parquet") for table in TABLES}
