"""Workers and nodes die, join and refuse while queries run; every answer is exact."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.process import RAY_RUNNER, in_new_process

JOIN_S = 15.0
SLOTS = 6


def workers_killed(kills: int) -> Any:
    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from tests.support.fault_queries import Running, alive, end_cluster, start_cluster, wait_for

    cluster = start_cluster({"num_cpus": 1}, {"num_cpus": 2}, {"num_cpus": 3})
    apply_flotilla_patches()
    Running(SLOTS, 0.1).did()
    before = alive()
    assert len(before) == SLOTS
    # One worker is never killed, so that it can be seen to stay.
    victims = sorted(before)[1:]
    # Long enough for all kills, with all slots at work, and some time to come back.
    running = Running(tasks=int((kills + 6) * SLOTS / 0.25), seconds=0.25)
    killed: dict[str, set[int]] = {}
    choice = random.Random(kills)
    count = 0
    pids = alive()
    while count < kills:
        began = time.monotonic()
        victim = choice.choice([worker for worker in victims if worker in pids])
        os.kill(pids[victim], signal.SIGKILL)
        killed.setdefault(victim, set()).add(pids[victim])
        count += 1
        time.sleep(max(0.0, 1.0 - (time.monotonic() - began)))
        wait_for(lambda: set(alive()) & set(victims))
        pids = alive()
    assert running.is_running, "the query ended before the last kill"
    did = running.did()
    # The next query starts what is still missing.
    wait_for(lambda: Running(SLOTS, 0.1).did() and len(alive()) == SLOTS)
    after = alive()
    assert set(after) == set(before)
    for worker, pid in before.items():
        if worker in killed:
            assert after[worker] not in killed[worker]
        else:
            assert after[worker] == pid, "a worker that was not killed keeps its process"
    end_cluster(cluster)
    return [count, len(did), len(killed)]


@pytest.mark.parametrize("kills", [4, pytest.param(20, marks=pytest.mark.chaos)])
def test_workers_are_killed_once_a_second(kills: int) -> None:
    count, tasks, slots = in_new_process(workers_killed, kills, environment=RAY_RUNNER, timeout=170)
    assert count == kills
    assert tasks >= kills * SLOTS
    assert slots >= 2


def nodes_leave_and_join() -> Any:
    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from tests.support.fault_queries import Running, alive, end_cluster, start_cluster, wait_for

    cluster = start_cluster({"num_cpus": 1}, {"num_cpus": 2})
    (leaving,) = cluster.worker_nodes
    apply_flotilla_patches()
    Running(3, 0.1).did()
    before = alive()
    running = Running(tasks=100, seconds=0.4)
    time.sleep(1)
    cluster.remove_node(leaving, allow_graceful=False)
    time.sleep(1)
    joined = cluster.add_node(num_cpus=2, memory=1 << 30, include_dashboard=False)
    joined_at = time.time()
    wait_for(lambda: sum(worker.startswith(joined.node_id) for worker in alive()) == 2)
    after = alive()
    did = running.did()
    new = {pid for worker, pid in after.items() if worker.startswith(joined.node_id)}
    rows = [row["done"] for row in did if row["pid"] in new]
    head = next(worker for worker in before if worker in after)
    answer = [len(before), len(after), len(new), len(rows), min(rows, default=1e12) - joined_at]
    assert before[head] == after[head]
    end_cluster(cluster)
    return answer


@pytest.mark.chaos
def test_a_node_leaves_and_another_joins() -> None:
    before, after, new, rows, seconds = in_new_process(nodes_leave_and_join, environment=RAY_RUNNER)
    assert (before, after, new) == (3, 3, 2)
    assert rows > 0
    assert seconds < JOIN_S


# Read by every Python of the node that refuses, before anything else. Daft's workers cannot be started
# while the file is there: in one way they fail, in the other they never come up.
REFUSAL = """
import os, sys
if "default_worker.py" in open("/proc/self/cmdline").read() and os.path.exists({flag!r}):
    if {way!r} == "fail":
        sys.modules["daft"] = None
    else:
        os._exit(1)
"""


def node_refuses(folder: str, way: str) -> Any:
    import daft

    import protoplast
    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from tests.support.fault_queries import Running, alive, end_cluster, start_cluster, wait_for

    flag = Path(folder, "refuse")
    flag.touch()
    Path(folder, "sitecustomize.py").write_text(REFUSAL.format(flag=str(flag), way=way))
    cluster = start_cluster({"num_cpus": 2})
    apply_flotilla_patches()
    if way == "fail":
        # There when the first query begins; otherwise it joins while one runs.
        add_refusing(cluster, folder)
    running = Running(tasks=40 if way == "fail" else 60, seconds=0.2)
    time.sleep(1)
    if way != "fail":
        add_refusing(cluster, folder)
    pids = {row["pid"] for row in running.did()}
    good = alive()
    states = {worker.state for worker in protoplast.status().workers}
    flag.unlink()
    did_rows = wait_for(lambda: {row["pid"] for row in Running(80, 0.1).did()} - pids, 60)
    after = alive()
    end_cluster(cluster)
    del daft
    return [
        len(pids),
        set(good.values()) == pids,
        sorted(states),
        len(did_rows),
        len(after),
        all(after[worker] == pid for worker, pid in good.items()),
    ]


def add_refusing(cluster: Any, folder: str) -> None:
    cluster.add_node(
        num_cpus=2, memory=1 << 30, include_dashboard=False, env_vars={"PYTHONPATH": folder}
    )


@pytest.mark.chaos
@pytest.mark.parametrize("way", ["fail", "never come up"])
def test_a_worker_that_cannot_start_is_tried_again(way: str, tmp_path: Path) -> None:
    pids, only_good, states, did_rows, workers, kept = in_new_process(
        node_refuses, str(tmp_path), way, environment=RAY_RUNNER
    )
    assert pids == 2, "the others serve"
    assert only_good
    assert "alive" in states
    assert did_rows > 0, "and it serves when it can start"
    assert workers == 4
    assert kept
