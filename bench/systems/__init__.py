"""The systems that a run compares.

`bench.processes.serve` sets each system up in a process of its own.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from bench.system_names import AUTO, DASK, LIMIT, MAX_CONCURRENCY, PER_CORE, RAY_DATA, USE_PROCESS
from bench.workloads.workload import Rows, UdfOptions, Workload


class System(Protocol):
    """A system that is set up and can answer."""

    def answer(self, workload: Workload) -> Rows:
        """Run a workload to its answer."""


def start(name: str, address: str | None, cpus: int) -> AbstractContextManager[System]:
    """Set a system up for the length of a block, and import only what this system needs."""
    if name == LIMIT:
        from bench.systems.pool import pool

        return pool(cpus)
    if name == DASK:
        from bench.systems.dask_workers import dask_workers

        return dask_workers(cpus)
    if name == RAY_DATA:
        from bench.systems.ray_data import ray_data

        return ray_data(address)
    from bench.systems.daft_runner import daft_runner

    layout = name if name in (PER_CORE, AUTO) else None
    of_systems: dict[str, UdfOptions] = {
        USE_PROCESS: {"use_process": True},
        MAX_CONCURRENCY: {"max_concurrency": cpus},
    }
    return daft_runner(address, layout, of_systems.get(name, {}))
