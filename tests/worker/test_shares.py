"""Each worker's process has what the plan gives it, read from /proc and from the worker itself."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import Any

import pytest

import protoplast
from protoplast import _core
from tests.support.process import RAY_RUNNER, in_new_process

CPUS = 2
GPUS = 2
MEMORY = 2 << 30


def of_process(pid: int) -> dict[str, Any]:
    """What /proc says of a process: its environment, the CPUs of each thread, its compute threads."""
    folder = Path("/proc", str(pid))
    variables = dict(
        entry.split("=", 1)
        for entry in (folder / "environ").read_text().split("\0")
        if "=" in entry
    )
    masks, compute = set(), 0
    for task in (folder / "task").iterdir():
        status = (task / "status").read_text()
        masks.add(status.split("Cpus_allowed_list:")[1].split("\n")[0].strip())
        compute += (task / "comm").read_text().startswith("DAFTCPU-")
    return {"variables": variables, "masks": sorted(masks), "compute": compute}


def start_ray(**options: Any) -> None:
    import ray

    ray.init(
        num_cpus=CPUS,
        num_gpus=GPUS,
        _memory=MEMORY,
        log_to_driver=False,
        include_dashboard=False,
        **options,
    )


def shares(layout: str) -> Any:
    """Run a query under a layout; returns what each worker's process has and was planned to have."""
    import ray

    from protoplast.patches.auto_patch import patched_daft
    from protoplast.worker.node_facts import with_facts
    from tests.support.queries import rows_by_process

    with patched_daft(layout):
        did = rows_by_process()
        status = protoplast.status()
        nodes = with_facts(protoplast.Layout.parse(layout), ray.nodes(), ray)
        planned = {worker.worker_id: worker for worker in protoplast.plan(layout, nodes).workers}
        assert [worker.worker_id for worker in status.workers] == list(planned)
        assert set(did) == {worker.pid for worker in status.workers}
        return [share_of(planned[worker.worker_id], worker) for worker in status.workers]


def share_of(planned: protoplast.Worker, worker: protoplast.WorkerReport) -> dict[str, Any]:
    assert worker.pid is not None
    real = of_process(worker.pid)
    expected = _core.environment(planned)
    # A worker of one thread is started in a process that is ready, and gets its environment then.
    has = worker.environment if _core.fits_prestarted_process(planned) else real["variables"]
    return {
        "share": [planned.cpus, planned.gpus, planned.memory_bytes >> 20, planned.threads],
        "environment": {name: has.get(name) for name in expected} == expected,
        "limit": worker.memory_limit_bytes,
        "masks": real["masks"],
        "compute": real["compute"],
        "cuda": worker.environment.get("CUDA_VISIBLE_DEVICES"),
        "differences": list(worker.differences),
        "rss": worker.rss_bytes,
        "pss": worker.pss_bytes,
        "threads": worker.threads,
    }


def all_shares(layouts: list[str]) -> Any:
    start_ray()
    return {layout: shares(layout) for layout in layouts}


# Layout, and the share of each worker: CPUs, GPUs, MiB, threads.
LAYOUTS = {
    "per-core": [[1, 2, 1024, 1], [1, 0, 1024, 1]],
    "per-core,memory=0.5,threads=3": [[1, 2, 512, 3], [1, 0, 512, 3]],
    "workers-per-node=2,gpus=spread": [[1, 1, 1024, 1], [1, 1, 1024, 1]],
    "per-core,pin=core": [[1, 2, 1024, 1], [1, 0, 1024, 1]],
}
MORE_LAYOUTS = {
    "cpus-per-worker=2,memory=0.9": [[2, 2, 1843, 2]],
    "per-gpu": [[1, 1, 1024, 1], [1, 1, 1024, 1]],
    "per-numa,pin=numa": [[2, 2, 2048, 2]],
    "resource=GPU -> per-core,threads=2; * -> per-node": [[1, 2, 1024, 2], [1, 0, 1024, 2]],
}


@functools.cache
def found_under(*layouts: str) -> Any:
    """What each process had under each layout, one after the other on one Ray."""
    return in_new_process(all_shares, layouts, environment=RAY_RUNNER, timeout=170)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_process_has_its_share(layout: str) -> None:
    has_its_share(layout, found_under(*LAYOUTS)[layout], LAYOUTS[layout])


@pytest.mark.chaos
@pytest.mark.parametrize("layout", MORE_LAYOUTS)
def test_each_process_has_its_share_under_more_layouts(layout: str) -> None:
    has_its_share(layout, found_under(*MORE_LAYOUTS)[layout], MORE_LAYOUTS[layout])


def has_its_share(layout: str, found: Any, planned: list[list[int]]) -> None:
    assert [worker["share"] for worker in found] == planned
    masks = [worker["masks"] for worker in found]
    for worker in found:
        assert worker["environment"]
        assert worker["limit"] >> 20 == worker["share"][2]
        assert worker["compute"] == worker["share"][3], "Daft's compute threads"
        assert worker["differences"] == []
        assert worker["rss"] > worker["pss"] > 0
        assert worker["threads"] > worker["compute"]
        assert len(worker["masks"]) == 1, "all threads are on the same CPUs"
    allowed = sorted(os.sched_getaffinity(0))
    if "pin=core" in layout:
        assert sorted(mask for (mask,) in masks) == [str(cpu) for cpu in allowed[:CPUS]]
    else:
        assert {mask for (mask,) in masks} == {kernel_list(allowed)}
    first, *others = [worker["cuda"] for worker in found]
    if "gpu" in layout:
        assert [first, *others] == ["0", "1"]
    else:
        assert first == "0,1"
        # If workers do not have GPUs of their own, Ray decides what a worker without any sees.
        assert set(others) <= {None, ""}


def kernel_list(cpus: list[int]) -> str:
    assert cpus == list(range(cpus[0], cpus[-1] + 1)), "this machine has no holes"
    return f"{cpus[0]}-{cpus[-1]}"


def stock_share() -> Any:
    import ray

    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from tests.support.queries import rows_by_process

    ray.init(num_cpus=CPUS, log_to_driver=False, include_dashboard=False)
    variables = []
    for layout in (None, "per-node"):
        if layout:
            apply_flotilla_patches(layout)
        (pid,) = rows_by_process()
        found = of_process(pid)["variables"]
        variables.append({name for name in found if name.startswith(("DAFT_", "OMP_", "MKL_"))})
    (worker,) = protoplast.status().workers
    return [variables[0] == variables[1], worker.memory_limit_bytes, list(worker.differences)]


@pytest.mark.chaos
def test_daft_s_own_worker_has_daft_s_own_settings() -> None:
    assert in_new_process(stock_share, environment=RAY_RUNNER) == [True, None, []]


def set_by_the_user() -> Any:
    start_ray(runtime_env={"env_vars": {"OMP_NUM_THREADS": "5"}})
    return shares("per-core")


@pytest.mark.chaos
def test_what_the_user_has_set_stays() -> None:
    environment = {**RAY_RUNNER, "MKL_NUM_THREADS": "7"}  # On the node; the other for the job.
    for worker in in_new_process(set_by_the_user, environment=environment):
        assert worker["differences"] == [
            "OMP_NUM_THREADS is 5, but the plan says 1",
            "MKL_NUM_THREADS is 7, but the plan says 1",
        ]


def attempts(cpus: list[int], layouts: list[str]) -> Any:
    """Run a query under each layout, on nodes of so many CPUs; returns errors, or workers and CPUs."""
    from protoplast.patches.auto_patch import patched_daft
    from tests.support.fault_queries import end_cluster, start_cluster
    from tests.support.queries import rows_by_process

    cluster = start_cluster(*({"num_cpus": count} for count in cpus))
    answers: list[Any] = []
    for layout in layouts:
        try:
            with patched_daft(layout):
                did = rows_by_process()
                masks = {tuple(of_process(pid)["masks"]) for pid in did}
                answers.append([len(did), sorted(masks)])
        except protoplast.ProtoplastError as error:
            answers.append([type(error).__name__, str(error)])
    end_cluster(cluster)
    return answers


@pytest.mark.chaos
@pytest.mark.parametrize(
    ("cpus", "message"),
    [
        ([CPUS + 1], "_cpu_0' could not be set up"),
        ([1, 1], "2 nodes of the cluster are on the host"),
    ],
)
def test_workers_that_cannot_have_cpus_of_their_own_are_refused(
    cpus: list[int], message: str
) -> None:
    assert len(os.sched_getaffinity(0)) == CPUS, "the figures here are for this many"
    layouts = ["per-core,pin=core", "per-core,pin=core,pin-fallback=true"]
    (kind, text), (workers, masks) = in_new_process(attempts, cpus, layouts, environment=RAY_RUNNER)
    assert kind == "NotInEffectError"
    assert message in text
    assert workers == sum(cpus)
    assert masks == [[kernel_list(sorted(os.sched_getaffinity(0)))]], "unpinned"


def test_a_share_below_the_floor_is_refused() -> None:
    ((kind, text),) = in_new_process(attempts, [20], ["per-core"], environment=RAY_RUNNER)
    assert kind == "LayoutError"
    assert "74.4 MiB" in text
    assert "workers-per-node=10" in text, "two CPUs each; of 14 workers some would have one"


def many_cpus() -> Any:
    import ray

    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from protoplast.worker.node_facts import with_facts
    from tests.support.queries import rows_by_process

    ray.init(num_cpus=80, _memory=8 << 30, log_to_driver=False, include_dashboard=False)
    layout = protoplast.Layout.cpus_per_worker(40)
    apply_flotilla_patches(layout)
    workers = len(rows_by_process())
    (node,) = with_facts(layout, ray.nodes(), ray)
    try:
        protoplast.plan("per-core", [{**node, "MaxWorkers": 50}])
    except protoplast.LayoutError as error:
        return [workers, node["MaxWorkers"], str(error)]


@pytest.mark.chaos
def test_a_node_of_many_cpus_says_how_many_workers_it_can_start() -> None:
    workers, most, text = in_new_process(many_cpus, environment=RAY_RUNNER)
    assert workers == 2
    assert most == _core.most_workers()
    assert "80 workers" in text
    assert "per-core,max-workers=50" in text


def half_has_protoplast(folder: str, layout: str) -> Any:
    from tests.contract.test_connections import HIDDEN
    from tests.support.fault_queries import end_cluster, start_cluster
    from tests.support.queries import rows_by_process

    Path(folder, "sitecustomize.py").write_text(HIDDEN)
    from protoplast.patches.daft_flotilla import apply_flotilla_patches

    cluster = start_cluster({"num_cpus": 1})
    bare = cluster.add_node(
        num_cpus=2, memory=1 << 30, include_dashboard=False, env_vars={"PYTHONPATH": folder}
    )
    apply_flotilla_patches(layout)
    try:
        did = rows_by_process(parts=48)
        workers = protoplast.status().workers
        # A worker of one thread got its limit when its process ran already, and says it itself.
        said = {worker.pid: worker.memory_limit_bytes for worker in workers}
        limits = [
            said.get(pid) or of_process(pid)["variables"].get("DAFT_MEMORY_LIMIT") for pid in did
        ]
        silent = [worker.node_id == bare.node_id for worker in workers if worker.pid is None]
        return [sorted(int(limit or 0) >> 20 for limit in limits), silent]
    except protoplast.NotInEffectError as error:
        return str(error)
    finally:
        end_cluster(cluster)


@pytest.mark.chaos
def test_a_node_without_protoplast_has_what_the_environment_gives(tmp_path: Path) -> None:
    limits, silent = in_new_process(
        half_has_protoplast, str(tmp_path), "per-core", environment=RAY_RUNNER
    )
    assert limits == [512, 512, 1024]
    assert silent == [True, True]
    text = in_new_process(
        half_has_protoplast, str(tmp_path), "per-core,gpus=spread", environment=RAY_RUNNER
    )
    assert "_cpu_" in text
    assert "could not be set up" in text
    assert "No module named 'protoplast'" in text
