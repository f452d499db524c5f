"""Daft's data source for VCF."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import daft
import pyarrow as pa
from daft.io.pushdowns import Pushdowns
from daft.io.source import DataSource, DataSourceTask
from daft.recordbatch import RecordBatch

from bench.workloads.gil import vcf_text


def vcf_schema() -> daft.Schema:
    whole, real = daft.DataType.int64(), daft.DataType.float64()
    kinds = {name: real if name == "quality" else whole for name in vcf_text.COLUMNS}
    return daft.Schema.from_pydict(kinds)


@dataclass(frozen=True)
class VcfTask(DataSourceTask):
    """One file."""

    path: str

    @property
    def schema(self) -> daft.Schema:
        return vcf_schema()

    async def read(self) -> AsyncIterator[RecordBatch]:
        schema = vcf_schema().to_pyarrow_schema()
        for batch in vcf_text.batches(self.path):
            # If the types are given, turning lists into columns takes a quarter of the time.
            table = pa.RecordBatch.from_pydict(batch, schema=schema)
            yield RecordBatch.from_arrow_record_batches([table], schema)


@dataclass(frozen=True)
class VcfSource(DataSource):
    """Files, with one task each."""

    paths: list[str]

    @property
    def name(self) -> str:
        return "vcf"

    @property
    def schema(self) -> daft.Schema:
        return vcf_schema()

    async def get_tasks(self, _pushdowns: Pushdowns) -> AsyncIterator[DataSourceTask]:
        for path in self.paths:
            yield VcfTask(path)
