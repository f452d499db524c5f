"""The physical limit: the same Python work in a pool of warm processes, one per core.

A process takes the next piece as soon as it is free.
"""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.pool import Pool

from bench.workloads.workload import PythonWorkload, Rows, Workload, summed


@dataclass(frozen=True)
class ProcessPool:
    """Sums the totals of each piece in the parent."""

    pool: Pool

    def answer(self, workload: Workload) -> Rows:
        assert isinstance(workload, PythonWorkload)
        return summed(self.pool.imap_unordered(workload.totals, workload.pieces()))


@contextlib.contextmanager
def pool(cpus: int) -> Iterator[ProcessPool]:
    with multiprocessing.get_context("spawn").Pool(cpus) as processes:
        yield ProcessPool(processes)
