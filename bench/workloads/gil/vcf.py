"""VCF text, parsed in pure Python by a Daft data source: one task for each of 12 unequal files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bench import system_names
from bench.workloads.gil import vcf_text
from bench.workloads.workload import Piece, PythonWorkload, Totals, UdfOptions

if TYPE_CHECKING:
    import daft
    import ray.data


class Vcf(PythonWorkload):
    """The workload has no UDF, so no option of UDFs applies to it."""

    systems = tuple(
        name
        for name in system_names.NAMES
        if name not in (system_names.USE_PROCESS, system_names.MAX_CONCURRENCY)
    )

    @property
    def name(self) -> str:
        return "vcf"

    def folder(self) -> Path:
        return self.sizes.data / f"vcf-{self.sizes.size}"

    def write(self) -> None:
        vcf_text.write(self.folder(), self.sizes.size)

    def paths(self) -> list[str]:
        return sorted(str(path) for path in self.folder().glob("*.vcf"))

    def pieces(self) -> list[Piece]:
        return [(path, 0) for path in self.paths()]

    def totals(self, piece: Piece) -> Totals:
        totals: Totals = {"rows": 0, **dict.fromkeys(vcf_text.COLUMNS, 0)}
        for batch in vcf_text.batches(piece[0]):
            totals["rows"] += len(batch["position"])
            for name, values in batch.items():
                totals[name] += sum(values)
        return totals

    def dataset(self) -> ray.data.Dataset:
        import ray.data

        pieces = self.pieces()
        files = ray.data.from_items([path for path, _ in pieces], override_num_blocks=len(pieces))
        return files.map(lambda row: self.totals((row["item"], 0)))

    def frame(self, udf_options: UdfOptions) -> daft.DataFrame:
        assert not udf_options
        from bench.workloads.gil.vcf_source import VcfSource

        df = VcfSource(self.paths()).read()
        sums = [df[name].sum() for name in vcf_text.COLUMNS]
        return df.agg(df["position"].count().alias("rows"), *sums)
