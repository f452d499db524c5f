"""Daft: on Ray as it is, on Ray under a layout, or on its native runner."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import daft

from bench.workloads.workload import Rows, UdfOptions, Workload, rows_of


@dataclass(frozen=True)
class DaftRunner:
    """Daft with its runner chosen, and the options that it declares UDFs with."""

    udf_options: UdfOptions

    def answer(self, workload: Workload) -> Rows:
        return rows_of(workload.frame(self.udf_options).to_pylist())


@contextlib.contextmanager
def daft_runner(
    address: str | None, layout: str | None, udf_options: UdfOptions
) -> Iterator[DaftRunner]:
    """Choose the runner: Ray's on the given cluster, or the native one if there is no address."""
    if address is None:
        daft.set_runner_native()
        yield DaftRunner(udf_options)
        return
    import ray

    ray.init(address=address, log_to_driver=False)
    daft.set_runner_ray(noop_if_initialized=True)
    if layout is not None:
        from protoplast.patches.daft_flotilla import apply_flotilla_patches

        apply_flotilla_patches(layout)
    try:
        yield DaftRunner(udf_options)
    finally:
        ray.shutdown()
