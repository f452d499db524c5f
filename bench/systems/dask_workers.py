"""A Dask bag with a partition for each piece, on one process of one thread for each core."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import dask
import dask.bag
from distributed import Client, LocalCluster

from bench.workloads.workload import PythonWorkload, Rows, Workload, summed

QUIET = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.admin.tick.interval": "1s",
}


class DaskWorkers:
    """Sums the totals of each piece in the client."""

    def answer(self, workload: Workload) -> Rows:
        assert isinstance(workload, PythonWorkload)
        pieces = workload.pieces()
        bag = dask.bag.from_sequence(pieces, npartitions=len(pieces))
        return summed(bag.map(workload.totals).compute())


@contextlib.contextmanager
def dask_workers(cpus: int) -> Iterator[DaskWorkers]:
    """Start the workers; the client is the one that `compute` uses.

    Dask monitors itself less often than by default, because that takes CPU time from other systems.
    """
    with (
        dask.config.set(QUIET),
        LocalCluster(n_workers=cpus, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster),
    ):
        yield DaskWorkers()
