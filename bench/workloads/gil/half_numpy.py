"""A batch UDF that is half numpy, which releases the GIL, and half pure Python, which does not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.workloads.drafts import draft_of
from bench.workloads.gil.parquet_work import ParquetWork
from bench.workloads.pace import python_code
from bench.workloads.workload import Totals, UdfOptions

if TYPE_CHECKING:
    import daft

FILES = 64
# In a unit of size.
ROWS = 1_600_000
# Chosen so that numpy takes as long as the checksums.
WAVES = 64
CHUNK = 4096


def checksum(number: int) -> int:
    """The Luhn checksum of a number."""
    digits = [int(digit) for digit in reversed(str(number))]
    doubled = [2 * digit - 9 if digit > 4 else 2 * digit for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10


def scored(numbers: Any) -> tuple[Any, list[int]]:
    """For each number a sum of waves, by numpy, and its checksum, by Python."""
    frequencies = 1.0 / np.arange(1, WAVES + 1)
    with python_code():
        parts = [
            np.sin(np.outer(numbers[start : start + CHUNK], frequencies)).sum(axis=1)
            for start in range(0, len(numbers), CHUNK)
        ]
        waves = np.concatenate(parts) if parts else np.empty(0)
        return waves, [checksum(number) for number in numbers.tolist()]


def scored_series(numbers: daft.Series) -> pa.StructArray:
    waves, checksums = scored(numbers.to_arrow().to_numpy(zero_copy_only=False))
    return pa.StructArray.from_arrays(
        [pa.array(waves), pa.array(checksums, pa.int64())], names=["waves", "checksums"]
    )


class HalfNumpy(ParquetWork):
    """One task for each file."""

    @property
    def name(self) -> str:
        return "half_numpy"

    def rows(self) -> int:
        return int(ROWS * self.sizes.size) // FILES

    def folder(self) -> Path:
        return self.sizes.data / f"numbers-{self.rows()}"

    def write(self) -> None:
        if self.folder().exists():
            return
        random = np.random.default_rng(0)
        with draft_of(self.folder()) as draft:
            for part in range(FILES):
                table = pa.table({"number": random.integers(0, 10**12, self.rows())})
                pq.write_table(table, draft / f"part-{part:03}.parquet")

    def totals_of(self, table: pa.Table) -> Totals:
        waves, checksums = scored(table["number"].to_numpy())
        return {
            "rows": table.num_rows,
            "waves": float(waves.sum()),
            "checksums": sum(checksums),
        }

    def frame(self, udf_options: UdfOptions) -> daft.DataFrame:
        import daft

        kinds = {"waves": daft.DataType.float64(), "checksums": daft.DataType.int64()}
        score = daft.func.batch(
            return_dtype=daft.DataType.struct(kinds), unnest=True, **udf_options
        )(scored_series)
        df = daft.read_parquet(self.paths())
        df = df.select(score(df["number"]))
        return df.agg(df["waves"].count().alias("rows"), df["waves"].sum(), df["checksums"].sum())
