"""Groups of workers on a real cluster: Daft sees few, each core works, and deaths change no answer."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
import ray

from protoplast.seams.task_results import GROUPS
from tests.support.process import RAY_RUNNER, in_new_process

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(not GROUPS.is_available(), reason="this Daft has no groups of workers"),
]

CPUS = (1, 2, 3)


def have_groups(_actor: Any) -> None:
    """Have a runner take its fleet for a large one, in its process."""
    from protoplast.runner.groups.fleet_groups import WorkerGroups

    grouped: Any = WorkerGroups.grouped

    def as_large(self: Any, members: Any, handles: Any, _fleet_workers: int) -> Any:
        return grouped(self, members, handles, 1 << 20)

    groups_class: Any = WorkerGroups
    groups_class.grouped = as_large


def groups(_actor: Any) -> list[str]:
    from daft.runners import flotilla

    return sorted(flotilla.start_ray_workers._groups._groups)


def runner_of_groups() -> Any:
    """Return the runner of the fleet, after all its workers have died and came back in groups."""
    import protoplast
    from tests.support.fault_queries import Running, alive, wait_for

    Running(sum(CPUS), 0.1).did()
    (fleet,) = protoplast.status().fleets
    runner = ray.get_actor(fleet.name, namespace="daft")
    ray.get(runner.__ray_call__.remote(have_groups))
    before = set(alive().values())
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not before & set(alive().values()))
    wait_for(lambda: Running(sum(CPUS), 0.1).did() and len(alive()) == sum(CPUS))
    return runner


def killed_in_groups(kills: int) -> Any:
    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from tests.support.fault_queries import Running, alive, end_cluster, start_cluster, wait_for

    cluster = start_cluster(*({"num_cpus": cpus} for cpus in CPUS))
    apply_flotilla_patches()
    runner = runner_of_groups()
    seen = ray.get(runner.__ray_call__.remote(groups))
    pids = alive()
    at_once = {row["pid"] for row in Running(sum(CPUS), 1.0).did()}
    # Tasks for all kills, with all slots at work, and some time to come back.
    running = Running(tasks=int((kills + 6) * sum(CPUS) / 0.25), seconds=0.25)
    for kill in range(kills):
        victim = sorted(pids)[kill % len(pids)]
        time.sleep(1)
        os.kill(alive()[victim], signal.SIGKILL)
    assert running.is_running, "the query ended before the last kill"
    running.did()
    wait_for(lambda: Running(sum(CPUS), 0.1).did() and len(alive()) == sum(CPUS))
    again = ray.get(runner.__ray_call__.remote(groups))
    back = {row["pid"] for row in Running(sum(CPUS), 1.0).did()}
    end_cluster(cluster)
    return [seen, again, at_once == set(pids.values()), len(back)]


def test_workers_of_groups_are_killed() -> None:
    seen, again, is_each_at_work, back = in_new_process(
        killed_in_groups, 4, environment=RAY_RUNNER, timeout=170
    )
    assert [group.rpartition("_cpu_")[2] for group in seen] == ["0+1", "0+2"] or seen[0].endswith(
        "+2"
    )
    assert len(seen) == 2
    assert again == seen
    assert is_each_at_work
    assert back == sum(CPUS)


def answers_in_groups() -> Any:
    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from tests.support import parity_udfs  # noqa: F401  It adds its queries.
    from tests.support.fault_queries import end_cluster, start_cluster
    from tests.support.parity_queries import QUERIES

    cluster = start_cluster(*({"num_cpus": cpus} for cpus in CPUS))
    found: list[dict[str, Any]] = []
    for layout in (None, "per-core"):
        if layout is not None:
            apply_flotilla_patches(layout)
            assert ray.get(runner_of_groups().__ray_call__.remote(groups))
        answers = {}
        for name, query in QUERIES.items():
            if "gpus" in name or name in {"two_udfs", "udf_cpus_4", "fleet_to_fleet"}:
                continue  # The cluster has no GPU, and no node of 4 CPUs.
            with tempfile.TemporaryDirectory() as folder:
                result = query(Path(folder))
                rows = result if isinstance(result, list) else result.to_pylist()
                answers[name] = sorted(str(sorted(row.items())) for row in rows)
        found.append(answers)
    end_cluster(cluster)
    return found


@pytest.mark.chaos
def test_groups_give_stock_s_answers() -> None:
    stock, grouped = in_new_process(answers_in_groups, environment=RAY_RUNNER, timeout=280)
    assert grouped == stock
    assert len(stock) > 30
