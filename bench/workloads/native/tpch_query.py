"""The 22 queries of TPC-H with the validation parameters of its specification.

If Daft's SQL cannot run the text of the specification, the query says why at its top.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench import system_names
from bench.workloads.native import tpch_tables
from bench.workloads.workload import UdfOptions, Workload

if TYPE_CHECKING:
    import daft

QUERIES = range(1, 23)
SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True)
class TpchQuery(Workload):
    """One of the queries, by its number."""

    number: int
    family = "native"
    systems = (system_names.STOCK, system_names.PER_CORE, system_names.AUTO, system_names.NATIVE)

    @property
    def name(self) -> str:
        return f"q{self.number:02}"

    @property
    def is_sorted(self) -> bool:
        return "ORDER BY" in self.text()

    def text(self) -> str:
        text = (SQL / f"{self.name}.sql").read_text()
        # The fraction of query 11 follows the scale factor.
        return text.replace("{fraction}", f"{0.0001 / self.sizes.scale:.10f}")

    def write(self) -> None:
        tpch_tables.write(self.sizes)

    def frame(self, udf_options: UdfOptions) -> daft.DataFrame:
        assert not udf_options
        import daft

        return daft.sql(self.text(), register_globals=False, **tpch_tables.read(self.sizes))
