"""What would wait or starve on workers of one CPU runs; what nothing can run fails at once."""

from __future__ import annotations

import logging
import time
from typing import Any

import pytest

from tests.support.process import RAY_RUNNER, in_new_process
from tests.support.shared_driver import Scenarios

ROWS = 8
PATIENCE_S = 30.0


def start(layout: str = "per-core") -> list[str]:
    """Apply a layout; returns the warnings as they come."""
    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    warnings: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno >= logging.WARNING:
                warnings.append(record.getMessage())

    logging.getLogger("protoplast").addHandler(Keep())
    apply_flotilla_patches(layout)
    return warnings


def udf_over_rows(**resources: Any) -> Any:
    """Run a UDF with these resources, one row a task; returns when each row began and ended."""
    import daft

    @daft.udf(
        return_dtype=daft.DataType.struct(
            {"began": daft.DataType.float64(), "ended": daft.DataType.float64()}
        ),
        **resources,
    )
    def timed(column: Any) -> Any:
        began = time.time()
        time.sleep(0.4)
        return [{"began": began, "ended": time.time()} for _ in column.to_pylist()]

    df = daft.from_pydict({"row": list(range(ROWS))}).into_partitions(ROWS)
    return df.with_column("done", timed(daft.col("row"))).collect().to_pydict()["done"]


def most_at_once(spans: list[dict[str, float]]) -> int:
    """The most rows that were being done at any one time."""
    return max(
        sum(other["began"] <= span["began"] < other["ended"] for other in spans) for span in spans
    )


def fleets() -> list[str]:
    import protoplast

    status = protoplast.status()
    assert status.in_effect, "also if all of its queries were too wide for it"
    return [str(fleet.layout) for fleet in status.fleets]


def gpu_udf() -> Any:
    start()
    one = most_at_once(udf_over_rows(num_gpus=1))
    half = most_at_once(udf_over_rows(num_gpus=0.5))
    return [one, half, fleets()]


def test_gpus_do_not_wait_for_cpu_slots(scenarios: Scenarios) -> None:
    one, half, fleets = scenarios(gpu_udf, cpus=4, gpus=2)
    assert (one, half) == (2, 4), "as on stock"
    assert fleets == ["per-node"], "four slots of CPU for four halves of a GPU"


def wide_udf() -> Any:
    import ray

    warnings = start()
    narrow = most_at_once(udf_over_rows())
    wide = most_at_once(udf_over_rows(num_cpus=2))
    half = most_at_once(udf_over_rows(num_cpus=1.5))
    whole = most_at_once(udf_over_rows(num_cpus=4))
    [node] = ray.nodes()
    # Three CPUs have it, but then the fourth one's worker has not.
    large = len(udf_over_rows(memory_bytes=int(node["Resources"]["memory"] * 0.6)))
    return [narrow, wide, half, whole, large, fleets(), warnings]


def test_a_udf_wider_than_every_worker(scenarios: Scenarios) -> None:
    *at_once, large, fleets, warnings = scenarios(wide_udf, cpus=4)
    assert at_once == [4, 2, 2, 1]
    assert large == ROWS, "Daft does not look at memory when it sends tasks"
    # Of the fleets that wide queries needed, the last one stays for the next such query.
    assert fleets == ["per-core", "per-node"]
    assert len(warnings) == 4
    assert "timed" in warnings[0]
    assert "2 CPUs" in warnings[0]
    assert "runs under 'cpus-per-worker=2'" in warnings[0]
    assert "runs under 'per-node'" in warnings[2]
    assert "runs under 'per-node'" in warnings[3]


def actor_udf() -> Any:
    import daft
    import ray

    warnings = start()

    @daft.udf(return_dtype=daft.DataType.int64(), concurrency=2, num_cpus=1)
    class Doubled:
        def __init__(self) -> None:
            self.factor = 2

        def __call__(self, column: Any) -> Any:
            return [value * self.factor for value in column.to_pylist()]

    doubled: Any = Doubled
    df = daft.from_pydict({"row": list(range(ROWS))}).into_partitions(4)
    rows = sorted(df.select(doubled(daft.col("row"))).to_pydict()["row"])
    deadline = time.monotonic() + PATIENCE_S
    while (free := ray.available_resources()["CPU"]) < 4 and time.monotonic() < deadline:
        time.sleep(0.1)  # The actors of the UDF are ending.
    return [rows, fleets(), list(warnings), free, *actor_with_memory()]


def actor_with_memory() -> list[Any]:
    """Run an actor UDF that asks for more memory than a worker has, behind another UDF."""
    import daft
    import ray

    (node,) = ray.nodes()

    @daft.udf(
        return_dtype=daft.DataType.int64(),
        concurrency=1,
        memory_bytes=int(node["Resources"]["memory"] / 3),
    )
    class Large:
        def __init__(self) -> None: ...

        def __call__(self, column: Any) -> Any:
            return column.to_pylist()

    large: Any = Large
    same = daft.func(lambda row: row, return_dtype=daft.DataType.int64())
    df = daft.from_pydict({"row": list(range(ROWS))}).into_partitions(4)
    df = df.with_column("same", same(daft.col("row")))
    return [sorted(df.select(large(daft.col("same"))).to_pydict()["same"]), fleets()]


def test_actor_udfs_have_cpus_beside_the_workers(scenarios: Scenarios) -> None:
    rows, fleets, warnings, free, large, wide = scenarios(actor_udf, cpus=4)
    assert rows == [row * 2 for row in range(ROWS)]
    assert fleets == ["per-core"]
    assert warnings == []
    assert free == 4, "with four workers in place, no CPU of Ray's is reserved"
    assert large == list(range(ROWS)), "a worker of the layout has a quarter of the memory"
    assert wide == ["per-core", "cpus-per-worker=2"]


def spread_gpus() -> Any:
    import os

    import daft
    import ray

    import protoplast

    # Ray takes the node's mask away from actors without GPUs; here it is the raylet's.
    ray.init(num_cpus=3, num_gpus=2, log_to_driver=False, include_dashboard=False)
    start("per-core,gpus=spread")

    @daft.udf(return_dtype=daft.DataType.string(), num_gpus=1)
    def devices(column: Any) -> Any:
        time.sleep(0.4)
        seen = os.environ.get("CUDA_VISIBLE_DEVICES")
        return [f"{os.getpid()} {seen}" for _ in column.to_pylist()]

    df = daft.from_pydict({"row": list(range(ROWS))}).into_partitions(ROWS)
    seen = set(df.select(devices(daft.col("row"))).to_pydict()["row"])
    on_gpus = dict(line.split(" ", 1) for line in seen)

    @daft.udf(return_dtype=daft.DataType.string())
    def mask(column: Any) -> Any:
        time.sleep(0.2)
        return [repr(os.environ.get("CUDA_VISIBLE_DEVICES"))] * len(column)

    everywhere = set(df.select(mask(daft.col("row"))).to_pydict()["row"])
    gpus = {str(worker.pid): worker.gpus for worker in protoplast.status().workers}
    return [sorted(on_gpus.values()), [gpus[pid] for pid in on_gpus], sorted(everywhere), fleets()]


@pytest.mark.parametrize("mask", [None, pytest.param("GPU-3f,5", marks=pytest.mark.chaos)])
def test_spread_gives_each_worker_its_own_device(mask: str | None) -> None:
    environment = {**RAY_RUNNER, **({} if mask is None else {"CUDA_VISIBLE_DEVICES": mask})}
    on_gpus, gpus, everywhere, fleets = in_new_process(spread_gpus, environment=environment)
    devices = ["0", "1"] if mask is None else ["5", "GPU-3f"]
    assert on_gpus == devices
    assert gpus == [1, 1]
    assert everywhere == sorted(["''", *(repr(device) for device in devices)])
    assert fleets == ["per-core,gpus=spread"]


def too_few_devices() -> Any:
    import ray

    import protoplast

    ray.init(num_cpus=2, num_gpus=2, log_to_driver=False, include_dashboard=False)
    start("per-core,gpus=spread")
    try:
        udf_over_rows()
    except protoplast.NotInEffectError as error:
        return str(error)


@pytest.mark.chaos
def test_a_node_that_shows_fewer_devices_than_ray_counts() -> None:
    environment = {**RAY_RUNNER, "CUDA_VISIBLE_DEVICES": "0,-1"}
    text = in_new_process(too_few_devices, environment=environment)
    assert "_cpu_1' could not be set up" in text
    assert "CUDA_VISIBLE_DEVICES=0,-1" in text


def impossible() -> Any:
    import protoplast

    start()
    seen = []
    for resources in ({"num_cpus": 64}, {"num_gpus": 1}):
        began = time.monotonic()
        try:
            udf_over_rows(**resources)
        except protoplast.TaskTooLargeError as error:
            seen.append([str(error), time.monotonic() - began])
    assert len(udf_over_rows()) == ROWS, "and the next query runs"
    return seen


def test_what_fits_no_node_fails_at_once(scenarios: Scenarios) -> None:
    cpus, gpus = scenarios(impossible, cpus=2)
    for text, seconds in (cpus, gpus):
        assert "timed" in text
        assert "the largest: 2 CPUs" in text
        assert seconds < 5
    assert "asks for 64 CPUs" in cpus[0]
    assert "1 GPUs" in gpus[0]
