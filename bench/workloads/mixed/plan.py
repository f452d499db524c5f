"""A plan over the tables of TPC-H."""

from __future__ import annotations

from bench import system_names
from bench.workloads.native import tpch_tables
from bench.workloads.workload import Workload


class MixedPlan(Workload):
    """The answers are sorted, because each plan ends with a sort."""

    family = "mixed"
    systems = (
        system_names.STOCK,
        system_names.PER_CORE,
        system_names.AUTO,
        system_names.NATIVE,
        system_names.USE_PROCESS,
    )

    @property
    def is_sorted(self) -> bool:
        return True

    def write(self) -> None:
        tpch_tables.write(self.sizes)
