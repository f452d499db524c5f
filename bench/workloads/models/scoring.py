"""Texts that are scored by a class with a model, from a file, from files and from memory."""

from __future__ import annotations

import functools
import random
from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from bench.workloads.drafts import draft_of
from bench.workloads.models.model import Model
from bench.workloads.models.model_work import ModelWork
from bench.workloads.workload import Totals, UdfOptions

if TYPE_CHECKING:
    import daft
    import ray.data

# In a unit of size.
ROWS = 8000
TEXT_BYTES = 1000
# All texts of a unit of size take about 1 s and 20 s.
LIGHT, HEAVY = "light", "heavy"
STEPS = {LIGHT: 1200, HEAVY: 24_000}
ROW_GROUPS = 80
FILES = 64
PARTITIONS = 40


def texts(rows: int) -> pa.Table:
    rng = random.Random(0)
    return pa.table({"text": [rng.randbytes(TEXT_BYTES).hex() for _ in range(rows)]})


@dataclass(frozen=True)
class Scoring(ModelWork):
    """A model, called text by text. The weight says how long a text takes."""

    weight: str = LIGHT

    @property
    @abstractmethod
    def source(self) -> str:
        """Where the texts are."""

    @property
    def name(self) -> str:
        return f"{self.source}_{self.weight}"

    def rows(self) -> int:
        return max(int(ROWS * self.sizes.size), ROW_GROUPS)

    def arguments(self) -> tuple[str, float, int, int]:
        """What the model is built with."""
        return self.log, self.sizes.load_s, self.sizes.load_mb, STEPS[self.weight]

    def load(self) -> Model:
        return Model(*self.arguments())

    def totals_with(self, model: Model, table: pa.Table) -> Totals:
        scores = [model(text) for text in table["text"].to_pylist()]
        return {"rows": len(scores), "score": sum(scores)}

    def texts_in_daft(self) -> daft.DataFrame:
        import daft

        return daft.read_parquet(self.paths())

    def frame(self, udf_options: UdfOptions) -> daft.DataFrame:
        import daft

        score = daft.cls(Model, **udf_options)(*self.arguments())
        df = self.texts_in_daft()
        df = df.select(score(df["text"]).alias("score"))
        return df.agg(df["score"].count().alias("rows"), df["score"].sum())


class OneFile(Scoring):
    """A file of 80 row groups, which stock Daft reads as one task."""

    @property
    def source(self) -> str:
        return "file"

    def folder(self) -> Path:
        return self.sizes.data / f"texts-{self.rows()}-one-file"

    def write(self) -> None:
        if self.folder().exists():
            return
        with draft_of(self.folder()) as draft:
            rows = -(-self.rows() // ROW_GROUPS)
            pq.write_table(texts(self.rows()), draft / "texts.parquet", row_group_size=rows)


class ManyFiles(Scoring):
    """One task for each file."""

    @property
    def source(self) -> str:
        return "files"

    def folder(self) -> Path:
        return self.sizes.data / f"texts-{self.rows()}-files"

    def write(self) -> None:
        if self.folder().exists():
            return
        table = texts(self.rows())
        with draft_of(self.folder()) as draft:
            for part in range(FILES):
                numbers = pa.array(range(part, table.num_rows, FILES), pa.int64())
                pq.write_table(table.take(numbers), draft / f"part-{part:03}.parquet")


class InMemory(OneFile):
    """A collected table of 40 partitions. Dask reads a row group for each piece, which takes 1 ms."""

    @property
    def source(self) -> str:
        return "table"

    def texts_in_daft(self) -> daft.DataFrame:
        return collected(self.paths()[0])

    def blocks(self) -> ray.data.Dataset:
        return blocks(self.paths()[0])


# Made in the turn that is not timed.
@functools.cache
def collected(path: str) -> daft.DataFrame:
    import daft

    df = daft.from_arrow(pq.read_table(path)).into_partitions(PARTITIONS).collect()
    assert sum(1 for _ in df.iter_partitions()) == PARTITIONS
    return df


@functools.cache
def blocks(path: str) -> ray.data.Dataset:
    import ray.data

    table = pq.read_table(path)
    rows = -(-table.num_rows // PARTITIONS)
    return ray.data.from_arrow(
        [table.slice(first, rows) for first in range(0, table.num_rows, rows)]
    )
