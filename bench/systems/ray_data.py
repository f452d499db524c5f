"""Ray Data, with tasks and its own choice of blocks."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import ray
import ray.data

from bench.workloads.workload import PythonWorkload, Rows, Workload, summed


class RayData:
    """Sums the totals of each block in the driver."""

    def answer(self, workload: Workload) -> Rows:
        assert isinstance(workload, PythonWorkload)
        return summed(workload.dataset().take_all())


@contextlib.contextmanager
def ray_data(address: str | None) -> Iterator[RayData]:
    ray.init(address=address, log_to_driver=False)
    ray.data.DataContext.get_current().enable_progress_bars = False
    try:
        yield RayData()
    finally:
        ray.shutdown()
