"""Native queries that write files, and what is read of the files. For the processes of tests."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.queries.whole_queries import FILES, read

# Adds a query to a folder of input and one of output, and runs it.
Write = Callable[[Path, Path], Any]


def _sorted(folder: Path, into: Path) -> Any:
    return read(folder).sort("id").write_parquet(str(into))


def _grouped(folder: Path, into: Path) -> Any:
    import daft

    sums = read(folder).groupby("key").agg(daft.col("id").sum().alias("id"))
    return sums.write_csv(str(into))


def _joined(folder: Path, into: Path) -> Any:
    rows = read(folder)
    keys = rows.select("key", "name").distinct()
    return rows.join(keys, on=["key", "name"]).select("id", "key").write_json(str(into))


def _by_key(folder: Path, into: Path) -> Any:
    return read(folder).sort("id").write_parquet(str(into), partition_cols=["key"])


def _csv_by_key(folder: Path, into: Path) -> Any:
    rows = read(folder).distinct("id").select("id", "key")
    return rows.write_csv(str(into), partition_cols=["key"])


def _one_file(folder: Path, into: Path) -> Any:
    import daft

    rows = daft.read_parquet(f"{folder}/rows/0.parquet")
    return rows.where(daft.col("id") % 2 == 0).write_parquet(str(into))


def _marked(folder: Path, into: Path) -> Any:
    return read(folder).sort("id").write_parquet(str(into), write_success_file=True)


def _none(kind: str) -> Write:
    def write(folder: Path, into: Path) -> Any:
        import daft

        rows = read(folder).where(daft.col("id") + daft.col("key") < 0).sort("id")
        return getattr(rows, f"write_{kind}")(str(into))

    return write


def _none_by_key(folder: Path, into: Path) -> Any:
    import daft

    rows = read(folder).where(daft.col("id") + daft.col("key") < 0).sort("id")
    return rows.write_parquet(str(into), partition_cols=["key"])


def _as_read(folder: Path, into: Path) -> Any:
    return read(folder).write_parquet(str(into))


def _partitions(folder: Path, into: Path) -> Any:
    return read(folder).sort("id").into_partitions(3).write_parquet(str(into))


def _collected(folder: Path, into: Path) -> Any:
    rows = read(folder).into_partitions(3).collect()
    return rows.write_csv(str(into))


def _sql(folder: Path, into: Path) -> Any:
    import daft

    text = "SELECT key, SUM(id) + 1 AS id FROM rows GROUP BY key ORDER BY MAX(value) DESC"
    rows = daft.sql(text, register_globals=False, rows=read(folder))
    return rows.write_parquet(str(into))


# By name: the query and how many files one worker leaves.
ON_ONE_WORKER: dict[str, tuple[Write, int]] = {
    "sorted": (_sorted, 1),
    "grouped": (_grouped, 1),
    "sql": (_sql, 1),
    "joined": (_joined, 1),
    "by key": (_by_key, 7),
    "csv by key": (_csv_by_key, 7),
    "one file": (_one_file, 1),
    "with a mark": (_marked, 2),
    "no rows, parquet": (_none("parquet"), 1),
    "no rows, csv": (_none("csv"), 1),
    "no rows, json": (_none("json"), 0),
    "no rows, by key": (_none_by_key, 0),
}

# By name: the query, how many files it leaves in tasks as on stock, and why in tasks.
IN_TASKS: dict[str, tuple[Write, int, str]] = {
    "as read": (_as_read, FILES, f"the files that it writes, one for each of {FILES} tasks"),
    "partitions": (_partitions, 3, "'IntoPartitions'"),
    "collected": (_collected, 3, "the files that it writes, one for each of 3 tasks"),
}


def files_of(folder: Path) -> list[Path]:
    """The files below a folder, in the order of their names."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def rows_of(file: Path) -> list[dict[str, Any]]:
    """The rows of a file, in order; the values of partition columns from its path."""
    held: list[dict[str, Any]]
    if file.suffix == ".parquet":
        import pyarrow.parquet

        held = pyarrow.parquet.ParquetFile(file).read().to_pylist()
    elif file.suffix == ".csv":
        with file.open() as lines:
            held = [dict(line) for line in csv.DictReader(lines)]
    elif file.suffix == ".json":
        held = [json.loads(line) for line in file.read_text().splitlines()]
    else:
        return []
    named = dict(part.split("=") for part in file.parts if "=" in part)
    return [{**row, **named} for row in held]


def rows_below(folder: Path) -> list[str]:
    """All rows below a folder, as sorted text."""
    rows = [row for file in files_of(folder) for row in rows_of(file)]
    return sorted(json.dumps(row, sort_keys=True, default=str) for row in rows)


def slow_texts(rows: int) -> Any:
    """A native query of one task and some milliseconds of one core for each row, in the column `row`."""
    import daft
    from daft.functions import minhash

    words = " ".join(f"w{word % 97}" for word in range(400))
    numbers = list(range(rows))
    texts = daft.from_pydict({"row": numbers, "text": [f"{words} {row}" for row in numbers]})
    hashed = minhash(daft.col("text"), num_hashes=20_000, ngram_size=2, seed=1)
    return texts.select("row", daft.functions.length(hashed).alias("hash"))
