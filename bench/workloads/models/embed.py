"""Real text, embedded by a real model, and its distances from a question."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench import system_names
from bench.workloads.drafts import draft_of
from bench.workloads.models import doc_text, loads
from bench.workloads.models.model_work import ModelWork
from bench.workloads.models.scoring import ROW_GROUPS
from bench.workloads.workload import Totals, UdfOptions

if TYPE_CHECKING:
    import daft

    from bench.workloads.models.embedder import Embedder

# In a unit of size. Together they take some 6 s of CPU time.
TEXTS = 40_000
QUESTION = "How do I read the lines of a compressed file?"


class Embed(ModelWork):
    """A file of 80 row groups. Daft embeds its text with its own `embed_text`.

    `embed_text` has no `use_process`.
    """

    systems = tuple(name for name in ModelWork.systems if name != system_names.USE_PROCESS)

    @property
    def name(self) -> str:
        return "embed"

    def rows(self) -> int:
        return max(int(TEXTS * self.sizes.size), ROW_GROUPS)

    def folder(self) -> Path:
        return self.sizes.data / f"paragraphs-{self.rows()}"

    def question(self) -> list[float]:
        """The embedding of the question."""
        numbers: list[float] = json.loads((self.folder() / "question.json").read_text())
        return numbers

    def write(self) -> None:
        if self.folder().exists():
            return
        texts = list(itertools.islice(itertools.cycle(doc_text.paragraphs()), self.rows()))
        with draft_of(self.folder()) as draft:
            rows = -(-len(texts) // ROW_GROUPS)
            pq.write_table(pa.table({"text": texts}), draft / "texts.parquet", row_group_size=rows)
            log = loads.new_log(draft)
            (question,) = self.model(log).embed_text([QUESTION])
            Path(log).unlink()
            (draft / "question.json").write_text(json.dumps(question.tolist()))

    def model(self, log: str) -> Embedder:
        from bench.workloads.models.embedder import Embedder

        return Embedder(log)

    def load(self) -> Embedder:
        return self.model(self.log)

    def totals_with(self, model: Embedder, table: pa.Table) -> Totals:
        texts = table["text"].to_pylist()
        embeddings = np.array(model.embed_text(texts))
        question = np.array(self.question())
        lengths = np.linalg.norm(embeddings, axis=1) * np.linalg.norm(question)
        return {"rows": len(texts), "distance": float((1 - embeddings @ question / lengths).sum())}

    def frame(self, udf_options: UdfOptions) -> daft.DataFrame:
        import daft
        from daft.functions import cosine_distance, embed_text

        from bench.workloads.models.embedder import DIMENSIONS
        from bench.workloads.models.embedder_provider import EmbedderProvider

        provider = EmbedderProvider(self.log, udf_options.get("max_concurrency"))
        embedding = daft.DataType.embedding(daft.DataType.float32(), DIMENSIONS)
        question = daft.lit(np.array(self.question(), np.float32)).cast(embedding)
        df = daft.read_parquet(self.paths())
        df = df.select(
            cosine_distance(embed_text(df["text"], provider=provider), question).alias("distance")
        )
        return df.agg(df["distance"].count().alias("rows"), df["distance"].sum())
