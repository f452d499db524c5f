"""GIL-bound work over Parquet: a piece is a row group."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from bench import system_names
from bench.workloads.workload import Piece, PythonWorkload, Totals

if TYPE_CHECKING:
    import ray.data


class ParquetWork(PythonWorkload):
    """Work that takes one table at a time in systems other than Daft."""

    # Functions have no use for `max_concurrency`, which counts the instances of a class.
    systems = tuple(name for name in system_names.NAMES if name != system_names.MAX_CONCURRENCY)

    @abstractmethod
    def folder(self) -> Path:
        """Where the files are."""

    @abstractmethod
    def totals_of(self, table: pa.Table) -> Totals:
        """Do the work of a table."""

    def paths(self) -> list[str]:
        return sorted(str(path) for path in self.folder().glob("*.parquet"))

    def pieces(self) -> list[Piece]:
        return [
            (path, group)
            for path in self.paths()
            for group in range(pq.read_metadata(path).num_row_groups)
        ]

    def totals(self, piece: Piece) -> Totals:
        path, group = piece
        return self.totals_of(pq.ParquetFile(path).read_row_group(group, use_threads=False))

    def dataset(self) -> ray.data.Dataset:
        import ray.data

        def of_block(table: pa.Table) -> dict[str, Any]:
            return {name: [value] for name, value in self.totals_of(table).items()}

        blocks = ray.data.read_parquet(self.paths())
        return blocks.map_batches(of_block, batch_format="pyarrow", batch_size=None)
