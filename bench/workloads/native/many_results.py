"""Many partitions of a few rows each, so that handing over the results counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench import system_names
from bench.workloads.workload import UdfOptions, Workload

if TYPE_CHECKING:
    import daft

PARTITIONS = 600
ROWS_A_PARTITION = 10


class ManyResults(Workload):
    """One addition a row, collected with a partition for each task."""

    family = "native"
    systems = (system_names.STOCK, system_names.PER_CORE, system_names.AUTO)

    @property
    def name(self) -> str:
        return "many_results"

    def write(self) -> None:
        """Nothing is read."""

    def frame(self, udf_options: UdfOptions) -> daft.DataFrame:
        assert not udf_options
        import daft

        numbers = daft.range(0, PARTITIONS * ROWS_A_PARTITION, partitions=PARTITIONS)
        return numbers.with_column("next", daft.col("id") + 1)
