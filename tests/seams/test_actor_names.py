"""Ray shows workers under names with their ids, and no name keeps an actor from starting."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

from protoplast import Layout
from protoplast.seams.actor_names import runner_name, worker_name
from tests.support import fake_flotilla
from tests.support.process import RAY_RUNNER, in_new_process

NAMESPACE = "shared"


def test_names_hold_the_fleet_and_never_meet() -> None:
    names = {worker_name("f00_cpu_3", fake_flotilla.ray) for _ in range(100)}
    assert len(names) == 100
    for name in names:
        assert name.startswith("protoplast-worker-01000000-f1ee7000-f00_cpu_3-")
    layout = Layout.parse("label=a-b:c -> per-node; * -> per-core")
    runners = {runner_name("01000000", layout) for _ in range(100)}
    assert len(runners) == 100
    assert all(name.endswith(f"-{layout}") for name in runners)


def named() -> dict[str, str]:
    """The fleet of each worker's name, by the worker's id and the random part."""
    import ray

    workers = {}
    for actor in ray.util.list_named_actors(all_namespaces=True):
        if actor["name"].startswith("protoplast-worker-"):
            _, _, job, fleet, worker_id, part = actor["name"].split("-")
            workers[f"{worker_id} {part}"] = f"{job}-{fleet}"
    return workers


def worker_ids() -> set[str]:
    return {name.split()[0] for name in named()}


def names_of_workers() -> Any:
    import ray

    import protoplast
    from protoplast.patches.daft_flotilla import apply_flotilla_patches, rollback_flotilla_patches
    from tests.support.fault_queries import Running, alive, wait_for

    ray.init(
        num_cpus=3,
        log_to_driver=False,
        include_dashboard=False,
        namespace=NAMESPACE,
    )
    apply_flotilla_patches("per-core")
    Running(3, 0.1).did()
    first = named()
    assert worker_ids() == set(alive())
    (fleet,) = {*first.values()}
    assert f"-{fleet}-" in protoplast.status().fleets[0].name

    # One that died starts again under the same id.
    victim, pid = min(alive().items())
    os.kill(pid, signal.SIGKILL)
    running = Running(60, 0.3)
    assert wait_for(lambda: alive().get(victim, pid) != pid)
    running.did()
    again = named()
    assert worker_ids() == set(alive())
    assert len(again) == 3
    assert {*again.values()} == {fleet}
    assert sorted(set(again) - set(first))[0].startswith(f"{victim} ")

    # Another job of the same namespace, with workers of the same ids.
    address = ray.get_runtime_context().gcs_address
    other = in_new_process(another_job, address, environment=RAY_RUNNER)
    assert {*other.values()} > {fleet}
    assert len(other) == 6

    # Daft's own workers have names as well.
    rollback_flotilla_patches()
    apply_flotilla_patches("per-node")
    Running(1, 0.1).did()
    (node,) = ray.nodes()
    assert node["NodeID"] in worker_ids()

    # Another fleet of the first layout, in the same job.
    rollback_flotilla_patches()
    apply_flotilla_patches("per-core")
    Running(3, 0.1).did()
    (another,) = protoplast.status().fleets
    of_another = {name.split()[0] for name, of in named().items() if f"-{of}-" in another.name}
    assert of_another == set(alive())
    assert f"-{fleet}-" not in another.name

    rollback_flotilla_patches()
    wait_for(lambda: not named())
    left = named()
    ray.shutdown()
    return left


def another_job(address: str) -> Any:
    import ray

    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from tests.support.fault_queries import Running

    ray.init(address, log_to_driver=False, namespace=NAMESPACE)
    apply_flotilla_patches("per-core")
    Running(3, 0.1).did()
    return named()


@pytest.mark.chaos
def test_workers_are_named_by_their_ids() -> None:
    assert in_new_process(names_of_workers, environment=RAY_RUNNER, timeout=170) == {}
