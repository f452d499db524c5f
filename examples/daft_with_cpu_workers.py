"""Tokenise the Python sources of every installed package, on stock Daft and then on one worker per core.

The UDF is pure Python, so it holds the GIL: a stock worker runs it on one core, however many cores the
node has. Run the example with `make demo`, or, if protoplast is installed, with

    python examples/daft_with_cpu_workers.py [--files N] [--cpus N] [--data DIRECTORY]
"""

from __future__ import annotations

import argparse
import collections
import io
import logging
import os
import random
import sysconfig
import time
import tokenize
from dataclasses import dataclass
from pathlib import Path

# The example shows a progress bar of its own, and Daft's would be drawn over it.
os.environ.setdefault("DAFT_PROGRESS_BAR", "0")

import daft
import pyarrow as pa
import pyarrow.parquet as pq
import ray
from tqdm import tqdm

import protoplast
from protoplast.patches.daft_flotilla import apply_flotilla_patches, rollback_flotilla_patches

PARTS = 64


@daft.func(
    return_dtype=daft.DataType.struct(
        {"tokens": daft.DataType.int64(), "pid": daft.DataType.int64()}
    )
)
def tokenised(source: str) -> dict[str, int]:
    """Count the tokens of a source, and return the count and the id of this process."""
    count = 0
    try:
        for _ in tokenize.generate_tokens(io.StringIO(source).readline):
            count += 1
    except (tokenize.TokenError, SyntaxError):
        pass  # Some packages ship broken sources on purpose, of which the first tokens count.
    return {"tokens": count, "pid": os.getpid()}


@dataclass
class Run:
    """The results of one run over all sources."""

    seconds: float
    tokens: dict[str, int]
    rows_by_pid: collections.Counter[int]


def write_sources(directory: Path, limit: int) -> Path:
    """Write the sources as Parquet if they are not there yet, and return the directory of the files."""
    target = directory / f"sources-{limit}"
    if target.exists():
        return target
    packages = Path(sysconfig.get_paths()["purelib"])
    paths = sorted(path for path in packages.rglob("*.py") if path.stat().st_size > 0)
    # Shuffled, so that the parts have about the same size.
    random.Random(0).shuffle(paths)
    rows = []
    for path in tqdm(paths[:limit], desc="reading sources", unit="file"):
        text = path.read_text(encoding="utf-8", errors="replace")
        rows.append({"path": str(path.relative_to(packages)), "source": text})
    draft = directory / f"draft-{os.getpid()}"
    draft.mkdir(parents=True)
    for part in range(PARTS):
        table = pa.Table.from_pylist(rows[part::PARTS])
        pq.write_table(table, draft / f"part-{part:03}.parquet")
    draft.rename(target)
    return target


def run(sources: Path, label: str) -> Run:
    """Start the workers with a query over one part, then time a query over all parts."""
    query(sources / "part-000.parquet", f"{label}: starting workers")
    started = time.perf_counter()
    rows = query(sources, label)
    seconds = time.perf_counter() - started
    return Run(
        seconds,
        {row["path"]: row["done"]["tokens"] for row in rows},
        collections.Counter(row["done"]["pid"] for row in rows),
    )


def query(sources: Path, label: str) -> list[dict]:  # type: ignore[type-arg]
    """Tokenise the sources, and show a bar that counts the rows as they arrive."""
    files = [sources] if sources.is_file() else sorted(sources.glob("*.parquet"))
    total = sum(pq.read_metadata(file).num_rows for file in files)
    df = daft.read_parquet([str(file) for file in files])
    df = df.select(daft.col("path"), tokenised(daft.col("source")).alias("done"))
    return list(tqdm(df.iter_rows(), desc=label, total=total, unit="row"))


def main() -> None:
    """Run the query on stock Daft and on patched Daft, and compare answers and times."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--files", type=int, default=3000, help="how many sources (3000)")
    parser.add_argument("--cpus", type=int, default=None, help="CPUs for Ray (all of the machine)")
    parser.add_argument(
        "--data", type=Path, default=Path(".demo"), help="where the Parquet files go (.demo)"
    )
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)

    sources = write_sources(options.data.resolve(), options.files)
    ray.init(num_cpus=options.cpus, log_to_driver=False, logging_level=logging.WARNING)
    daft.set_runner_ray(noop_if_initialized=True)

    stock = run(sources, "stock Daft")

    apply_flotilla_patches()
    patched = run(sources, "one worker per core")
    status = protoplast.status()
    rollback_flotilla_patches()

    print(f"\n{status}\n")
    workers = {worker.pid: worker.worker_id for worker in status.workers}
    print("rows done by each worker of the patched run:")
    for pid, rows in sorted(patched.rows_by_pid.items()):
        print(f"  {workers[pid]}  pid {pid}  {rows} rows")
    print(
        f"stock Daft: all {sum(stock.rows_by_pid.values())} rows in {len(stock.rows_by_pid)} process"
    )
    if stock.tokens != patched.tokens:
        raise SystemExit("the answers differ")
    print(
        f"the answers are equal: {sum(stock.tokens.values())} tokens in {len(stock.tokens)} files"
    )
    print(f"stock    {stock.seconds:6.1f} s")
    print(f"patched  {patched.seconds:6.1f} s")
    print(f"ratio    {stock.seconds / patched.seconds:6.2f} times as fast")


if __name__ == "__main__":
    main()
