"""The same sources in one Parquet file of 60 row groups, which stock Daft reads as one task."""

from __future__ import annotations

import pyarrow.parquet as pq

from bench.workloads.drafts import draft_of
from bench.workloads.gil.tokenise import Tokenise, sources

ROW_GROUPS = 60


class OneParquet(Tokenise):
    """One task, unless the reader splits it by row groups."""

    @property
    def name(self) -> str:
        return "one_parquet"

    def write(self) -> None:
        if self.folder().exists():
            return
        table = sources(self.limit())
        with draft_of(self.folder()) as draft:
            rows = -(-table.num_rows // ROW_GROUPS)
            pq.write_table(table, draft / "sources.parquet", row_group_size=rows)
