"""Workers of one thread start in processes that Ray has prestarted, if these can take their shares."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from tests.support.process import RAY_RUNNER, in_new_process

CPUS = 4


def start_ray() -> None:
    import ray

    ray.init(
        address="local",
        num_cpus=CPUS,
        _memory=CPUS << 30,
        include_dashboard=False,
        log_to_driver=False,
    )


def idle_processes() -> set[int]:
    """The pids of those processes of this Ray's node that wait for their first task."""
    import ray

    session = ray._private.worker._global_node.get_session_dir_path()
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode(errors="replace")
            if command.startswith("ray::IDLE") and session in parent_command(process):
                found.add(int(process.name))
        except FileNotFoundError:
            continue  # It has ended meanwhile.
    return found


def parent_command(process: Path) -> str:
    parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
    return Path("/proc", parent, "cmdline").read_bytes().decode(errors="replace")


def limits_in_force(_actor: Any) -> tuple[int, str, int]:
    """Have Daft compute in this worker what asks for more memory than there is.

    Returns:
        The pid, Daft's error, and how many threads Arrow's pool has.
    """
    from concurrent.futures import ThreadPoolExecutor

    import daft
    import pyarrow

    def too_large() -> str:
        daft.set_runner_native()
        df = daft.from_pydict({"row": [1]})
        wide = daft.udf(return_dtype=daft.DataType.int64(), memory_bytes=1 << 50)
        try:
            df.select(wide(lambda row: row)(df["row"])).collect()
        except Exception as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(1) as pool:
        return os.getpid(), pool.submit(too_large).result(), pyarrow.cpu_count()


def what_workers_have() -> list[dict[str, Any]]:
    import ray

    import protoplast
    from protoplast.driver.fleets import FLEETS

    (fleet,) = FLEETS.live()
    report = fleet.report(10)
    assert report is not None
    found = []
    for started in report.workers:
        call = started.actor.__ray_call__.remote(limits_in_force)
        pid, error, threads = ray.get(call, timeout=60)
        found.append(
            {
                "pid": pid,
                "error": error,
                "threads": threads,
                "limit": started.worker.memory_bytes,
                "new": b"DAFT_MEMORY_LIMIT=" in Path("/proc", str(pid), "environ").read_bytes(),
            }
        )
    assert [worker.differences for worker in protoplast.status().workers] == [()] * len(found)
    return found


def ready() -> Any:
    """Run a query as soon as Ray has its processes ready; returns these, and what the workers have."""
    start_ray()
    deadline = time.monotonic() + 60
    # Ray has one ready for each of its CPUs, but for no more than the machine has.
    while len(idle := idle_processes()) < min(CPUS, os.cpu_count() or 1):
        assert time.monotonic() < deadline, idle
        time.sleep(0.1)
    return sorted(idle), under_per_core()


def under_per_core() -> list[dict[str, Any]]:
    from protoplast.patches.auto_patch import patched_daft
    from tests.support.queries import rows_by_process

    with patched_daft("per-core"):
        rows_by_process()
        return what_workers_have()


def too_late() -> list[bool]:
    """Set a worker up before and after Daft has computed in this process; see its limit each time."""
    import daft

    from protoplast import _core
    from protoplast.worker import calls as worker_calls

    def set_up(limit: str) -> bool:
        planned = _core.Worker("n_cpu_0", "n", 1, 0, int(limit))
        report = worker_calls.set_up(None, planned, {_core.MEMORY_VARIABLE: limit})
        return report is not None and os.environ[_core.MEMORY_VARIABLE] == limit

    start_ray()
    in_time = set_up("1000")
    daft.set_runner_native()
    daft.from_pydict({"row": [1]}).select(daft.col("row") + 1).collect()
    return [in_time, set_up("2000"), os.environ[_core.MEMORY_VARIABLE] == "1000"]


def test_workers_start_in_prestarted_processes() -> None:
    idle, workers = in_new_process(ready, environment=RAY_RUNNER)
    assert len(workers) == CPUS
    in_ready = [worker for worker in workers if worker["pid"] in idle]
    assert in_ready, "Ray had processes ready"
    for worker in workers:
        assert not worker["new"], "none was started with an environment"
        assert str(worker["limit"]) in worker["error"], worker["error"]
        assert worker["threads"] == 1, "Arrow's"


def test_a_process_in_which_daft_has_computed_takes_no_share() -> None:
    assert in_new_process(too_late, environment=RAY_RUNNER) == [True, False, True]
