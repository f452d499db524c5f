"""The inputs of `many_cores`, written once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    import daft

ROW_BYTES = 200


@dataclass(frozen=True)
class Input:
    """Rows in files.

    Args:
        name: What it is called.
        rows: How many rows it has.
        write: Writes the rows to files below a folder.
        read: Reads the files below the folder.
    """

    name: str
    rows: int
    write: Callable[[pa.Table, Path], None]
    read: Callable[[Path], daft.DataFrame]

    def frame(self, folder: Path) -> Any:
        """Return the rows as a frame of Daft, from below this folder."""
        own = folder / f"{self.name}-{self.rows}"
        if not own.exists():
            own.mkdir(parents=True)
            self.write(table(self.rows), own)
        return self.read(own)


def table(rows: int) -> pa.Table:
    random = np.random.default_rng(0)
    texts = random.integers(97, 123, (rows, ROW_BYTES), dtype=np.uint8)
    return pa.table({"text": [row.tobytes().decode() for row in texts]})


def row_groups(groups: int, rows: int) -> Input:
    def write(of: pa.Table, folder: Path) -> None:
        pq.write_table(of, folder / "all.parquet", row_group_size=max(1, rows // groups))

    return Input("one_parquet", rows, write, read_parquet)


def json_lines(rows: int) -> Input:
    def write(of: pa.Table, folder: Path) -> None:
        lines = (f'{{"text": "{text}"}}\n' for text in of["text"].to_pylist())
        (folder / "all.jsonl").write_text("".join(lines))

    return Input("one_json", rows, write, read_json)


def small_files(files: int, rows: int) -> Input:
    each = max(1, rows // files)

    def write(of: pa.Table, folder: Path) -> None:
        for number in range(files):
            pq.write_table(of.slice(number * each, each), folder / f"{number:04}.parquet")

    return Input("small_files", files * each, write, read_parquet)


def read_parquet(folder: Path) -> Any:
    import daft

    return daft.read_parquet(f"{folder}/*.parquet")


def read_json(folder: Path) -> Any:
    import daft

    return daft.read_json(f"{folder}/*.jsonl")
