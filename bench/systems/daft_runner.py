"""Daft: on Ray as it is, on Ray under a layout, or on its native runner."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import daft

from bench.workloads.workload import Rows, Workload, rows_of


@dataclass(frozen=True)
class DaftRunner:
    """Daft with its runner chosen. `use_process` says how UDFs are declared."""

    use_process: bool

    def answer(self, workload: Workload) -> Rows:
        return rows_of(workload.frame(self.use_process or None).to_pylist())


@contextlib.contextmanager
def daft_runner(address: str | None, layout: str | None, use_process: bool) -> Iterator[DaftRunner]:
    """Choose the runner: Ray's on the given cluster, or the native one if there is no address."""
    if address is None:
        daft.set_runner_native()
        yield DaftRunner(use_process)
        return
    import ray

    ray.init(address=address, log_to_driver=False)
    daft.set_runner_ray(noop_if_initialized=True)
    if layout is not None:
        from protoplast.patches.daft_flotilla import apply_flotilla_patches

        apply_flotilla_patches(layout)
    try:
        yield DaftRunner(use_process)
    finally:
        ray.shutdown()
