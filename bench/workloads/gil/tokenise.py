"""Tokenise the Python sources of all installed packages, from 64 Parquet files, row by row."""

from __future__ import annotations

import contextlib
import io
import itertools
import random
import sysconfig
import tokenize
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from bench.workloads.drafts import draft_of
from bench.workloads.gil.parquet_work import ParquetWork
from bench.workloads.pace import python_code
from bench.workloads.workload import Totals, UdfOptions

if TYPE_CHECKING:
    import daft

PARTS = 64
# In a unit of size; as many as in the example.
SOURCES = 3000


def tokenised(file: str, source: str) -> dict[str, int]:
    """Count the tokens of a source, and return a digest that tells sources apart."""
    count = 0
    # Some packages ship sources that are broken on purpose; what was read counts.
    with python_code(), contextlib.suppress(tokenize.TokenError, SyntaxError):
        for _ in tokenize.generate_tokens(io.StringIO(source).readline):
            count += 1
    return {"tokens": count, "digest": zlib.crc32(file.encode()) * count % 2**31}


def sources(limit: int) -> pa.Table:
    """Return the given number of sources with their paths, and repeat them if there are too few."""
    packages = Path(sysconfig.get_paths()["purelib"])
    paths = sorted(path for path in packages.rglob("*.py") if path.stat().st_size > 0)
    # Shuffled, so that the parts are alike in size.
    random.Random(0).shuffle(paths)
    rows = []
    for number, path in enumerate(itertools.islice(itertools.cycle(paths), limit)):
        text = path.read_text(encoding="utf-8", errors="replace")
        rows.append({"file": f"{number}/{path.relative_to(packages)}", "source": text})
    return pa.Table.from_pylist(rows)


class Tokenise(ParquetWork):
    """One task for each file."""

    @property
    def name(self) -> str:
        return "tokenise"

    def limit(self) -> int:
        return int(SOURCES * self.sizes.size)

    def folder(self) -> Path:
        return self.sizes.data / f"{self.name}-{self.limit()}"

    def write(self) -> None:
        if self.folder().exists():
            return
        table = sources(self.limit())
        with draft_of(self.folder()) as draft:
            for part in range(PARTS):
                numbers = pa.array(range(part, table.num_rows, PARTS), pa.int64())
                pq.write_table(table.take(numbers), draft / f"part-{part:03}.parquet")

    def totals_of(self, table: pa.Table) -> Totals:
        totals: Totals = {"rows": table.num_rows, "tokens": 0, "digest": 0}
        for file, source in zip(
            table["file"].to_pylist(), table["source"].to_pylist(), strict=True
        ):
            for name, value in tokenised(file, source).items():
                totals[name] += value
        return totals

    def frame(self, udf_options: UdfOptions) -> daft.DataFrame:
        import daft

        whole = daft.DataType.int64()
        counted = daft.func(
            tokenised,
            return_dtype=daft.DataType.struct({"tokens": whole, "digest": whole}),
            unnest=True,
            **udf_options,
        )
        df = daft.read_parquet(self.paths())
        df = df.select(counted(df["file"], df["source"]))
        return df.agg(df["tokens"].count().alias("rows"), df["tokens"].sum(), df["digest"].sum())
