"""Work for which each system loads a model anew in each query."""

from __future__ import annotations

import itertools
from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import pyarrow as pa

from bench import system_names
from bench.workloads.gil.parquet_work import ParquetWork
from bench.workloads.models import loads
from bench.workloads.workload import Totals

if TYPE_CHECKING:
    import ray.data
    from typing_extensions import Self


TURNS = itertools.count(1)


@dataclass(frozen=True)
class ModelWork(ParquetWork):
    """The log of a turn counts its loads. Its number tells its models from those of another turn.

    The Python code is not counted: a load waits for a clock, on a slow machine as on a fast one.
    """

    log: str = ""
    turn: int = 0
    family = "models"
    is_apart = True
    systems: ClassVar[tuple[str, ...]] = (
        system_names.STOCK,
        system_names.PER_CORE,
        system_names.AUTO,
        system_names.USE_PROCESS,
        system_names.MAX_CONCURRENCY,
        system_names.RAY_DATA,
        system_names.DASK,
        system_names.LIMIT,
    )

    @abstractmethod
    def load(self) -> Any:
        """Load the model."""

    @abstractmethod
    def totals_with(self, model: Any, table: pa.Table) -> Totals:
        """Do the work of a table."""

    def of_turn(self) -> Self:
        log = loads.new_log(self.sizes.data / "loads")
        return replace(self, log=log, turn=next(TURNS))

    def counted(self) -> dict[str, int]:
        return loads.counted(self.log)

    def totals_of(self, table: pa.Table) -> Totals:
        return self.totals_with(of_process(self), table)

    def blocks(self) -> ray.data.Dataset:
        """The input, in Ray Data."""
        import ray.data

        return ray.data.read_parquet(self.paths())

    def dataset(self) -> ray.data.Dataset:
        import ray
        import ray.data

        cpus = int(ray.cluster_resources()["CPU"])
        return self.blocks().map_batches(
            Actor,
            fn_constructor_args=[self],
            compute=ray.data.ActorPoolStrategy(size=cpus),
            # If the actors held all CPUs, the task that lists the files would wait for ever.
            num_cpus=1 - 1 / cpus,
            batch_format="pyarrow",
            batch_size=None,
        )


# The model of this process, by the work that it was loaded for.
HELD: dict[ModelWork, Any] = {}


def of_process(work: ModelWork) -> Any:
    """The model that this process has for a turn. The model of the turn before makes room for it."""
    if work not in HELD:
        HELD.clear()
        HELD[work] = work.load()
    return HELD[work]


class Actor:
    """A worker of Ray Data's actor pool, with a model of its own."""

    def __init__(self, work: ModelWork) -> None:
        self.work = work
        self.model = work.load()

    def __call__(self, table: pa.Table) -> dict[str, list[Any]]:
        totals = self.work.totals_with(self.model, table)
        return {name: [value] for name, value in totals.items()}
