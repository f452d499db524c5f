"""The first query of a new process, on a Ray that has just started.

Run as `python -m bench.processes.first_query <system> <cpus> <udf|native>`. The process starts Ray and
imports Daft, and then says that it is ready. When it is asked, the clock starts, and the process applies
the patch, if the system has one, and runs a query: a UDF over one row for each core, each row a task, or
the sums of 1,000 groups over a small Parquet file.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import daft
import pyarrow as pa
import pyarrow.parquet as pq
import ray

from bench import system_names
from bench.processes.child import say

SMALL_ROWS = 100_000
GROUPS = 1_000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        run(sys.argv[1], int(sys.argv[2]), sys.argv[3] == "native", Path(folder))


def run(name: str, cpus: int, is_native: bool, folder: Path) -> None:
    small = folder / "small.parquet"
    if is_native:
        numbers = pa.table(
            {"row": range(SMALL_ROWS), "group": [row % GROUPS for row in range(SMALL_ROWS)]}
        )
        pq.write_table(numbers, small)
    ray.init(address="local", num_cpus=cpus, include_dashboard=False, log_to_driver=False)
    daft.set_runner_ray(noop_if_initialized=True)
    say({})
    sys.stdin.readline()
    began = time.monotonic()
    if name != system_names.STOCK:
        from protoplast.patches.daft_flotilla import apply_flotilla_patches

        apply_flotilla_patches(name)
    rows = native(small) if is_native else udf(cpus)
    say({"began": began, "ended": time.monotonic(), "rows": [rows]})
    sys.stdin.read()
    ray.shutdown()


def udf(cpus: int) -> Any:
    double = daft.func(lambda row: 2 * row, return_dtype=daft.DataType.int64())
    df = daft.from_pydict({"row": list(range(cpus))}).into_partitions(cpus)
    return df.select(double(df["row"])).to_pydict()["row"]


def native(small: Path) -> Any:
    sums = daft.read_parquet(str(small)).groupby("group").sum("row").to_pydict()
    return sorted(zip(sums["group"], sums["row"], strict=True))


if __name__ == "__main__":
    main()
