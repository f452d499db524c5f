"""Workers that have or load a model die, and so do nodes and the runner; every answer is exact."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.process import RAY_RUNNER, in_new_process


def holder_is_killed(folder: str, load_s: float, call_s: float, tasks: int) -> Any:
    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from tests.faults.model_queries import Attempt, Log, assert_squares, new_model, squares
    from tests.support.fault_queries import alive, end_cluster, start_cluster, wait_for

    cluster = start_cluster({"num_cpus": 4})
    apply_flotilla_patches()
    log = Log(folder)
    df = squares(new_model(log, load_s=load_s, call_s=call_s), tasks)
    query = Attempt(df.collect)
    killed: list[int] = []
    others: list[int] = []
    for _ in range(2):
        (victim, *_) = wait_for(lambda: may_die(log.called(), killed))
        killed.append(victim)
        os.kill(victim, signal.SIGKILL)
        others.append(len(set(log.called()) - set(killed)))
    assert_squares(query.answer(), tasks)
    log.assert_loaded_once()
    after = alive()
    end_cluster(cluster)
    return [others[0], len(set(log.called())), bool(set(killed) & set(after.values()))]


def may_die(called: list[int], killed: list[int]) -> list[int]:
    """The workers that have answered three rows, and so likely some that Daft sent to others."""
    return [pid for pid in sorted(set(called) - set(killed)) if called.count(pid) > 2]


@pytest.mark.parametrize(
    ("load_s", "call_s", "tasks"),
    [
        pytest.param(3.0, 0.15, 14, id="the only one"),
        pytest.param(0.2, 0.3, 40, id="one of several"),
    ],
)
def test_a_killed_worker_that_has_the_model_is_replaced(
    load_s: float, call_s: float, tasks: int, tmp_path: Path
) -> None:
    others, called, serves = in_new_process(
        holder_is_killed, str(tmp_path), load_s, call_s, tasks, environment=RAY_RUNNER
    )
    assert called > 2, "others than the killed ones"
    assert not serves
    if load_s > call_s * tasks:
        assert others == 0, "all other tasks waited for the worker that was killed first"


def loading_worker_is_killed(folder: str, tasks: int) -> Any:
    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from tests.faults.model_queries import Attempt, Log, assert_squares, new_model, squares
    from tests.support.fault_queries import end_cluster, start_cluster, wait_for

    cluster = start_cluster({"num_cpus": 4})
    apply_flotilla_patches()
    log = Log(folder)
    query = Attempt(squares(new_model(log, load_s=[60.0, 60.0, 0.5]), tasks).collect)
    killed: list[int] = []
    for _ in range(2):
        (victim,) = wait_for(lambda: set(log.begun()) - set(killed))
        time.sleep(0.5)
        assert len(log.begun()) == len(killed) + 1, "one worker loads, all others wait"
        killed.append(victim)
        os.kill(victim, signal.SIGKILL)
    assert_squares(query.answer(50), tasks)
    log.assert_loaded_once()
    end_cluster(cluster)
    return len(set(log.called()) & set(killed))


def test_after_the_first_worker_is_killed_while_it_loads_another_one_loads(tmp_path: Path) -> None:
    assert in_new_process(loading_worker_is_killed, str(tmp_path), 12, environment=RAY_RUNNER) == 0


def node_is_removed(folder: str, tasks: int) -> Any:
    import protoplast
    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from tests.faults.model_queries import Attempt, Log, assert_squares, new_model, squares
    from tests.support.fault_queries import end_cluster, start_cluster, wait_for

    cluster = start_cluster({"num_cpus": 2}, {"num_cpus": 2})
    (leaving,) = cluster.worker_nodes
    apply_flotilla_patches()
    log = Log(folder)
    model = new_model(log, call_s=0.2)

    assert_squares(squares(model, tasks), tasks)
    log.assert_loaded_once()
    node_of = {worker.pid: worker.node_id for worker in protoplast.status().workers}
    nodes = {node_of[pid] for pid in log.called()}
    log.clear()

    query = Attempt(squares(model, tasks).collect)
    wait_for(lambda: {node_of[pid] for pid in log.called()} == nodes)
    cluster.remove_node(leaving, allow_graceful=False)
    assert_squares(query.answer(), tasks)
    log.assert_loaded_once()
    answer = [len(nodes), len(set(node_of.values())), set(log.called()) <= set(node_of)]
    end_cluster(cluster)
    return answer


def test_each_node_loads_the_model_and_one_may_leave(tmp_path: Path) -> None:
    nodes, of, by_known = in_new_process(node_is_removed, str(tmp_path), 40, environment=RAY_RUNNER)
    assert nodes == of == 2
    assert by_known


def runner_is_killed(folder: str, tasks: int) -> Any:
    import ray

    from protoplast.driver.fleets import FLEETS
    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from tests.faults.model_queries import Attempt, Log, assert_squares, new_model, squares
    from tests.support.fault_queries import end_cluster, start_cluster, wait_for

    cluster = start_cluster({"num_cpus": 3})
    apply_flotilla_patches()
    log = Log(folder)
    model = new_model(log, load_s=[60.0, 0.5])
    query = Attempt(squares(model, tasks).collect)
    wait_for(log.begun)
    (fleet,) = FLEETS.live()
    pid = ray.get(fleet.ask(lambda _: os.getpid()))
    os.kill(pid, signal.SIGKILL)
    error = query.error(20)
    assert_squares(Attempt(squares(model, tasks).collect).answer(40), tasks)
    log.assert_loaded_once()
    end_cluster(cluster)
    return error


def test_a_killed_runner_is_named_although_tasks_wait_in_it(tmp_path: Path) -> None:
    error = in_new_process(runner_is_killed, str(tmp_path), 9, environment=RAY_RUNNER)
    assert error.startswith("RunnerDiedError")
    assert "Run it again: the next query gets a new runner" in error
