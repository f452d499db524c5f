"""The names of Daft's that are reached in the process of a runner. `seams.daft.load` checks them."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

# The classes of a worker's actor and of what Rust knows of it, each a name of `daft.runners.flotilla`.
WORKER_ACTOR = "RaySwordfishActor"
WORKER_HANDLE = "RaySwordfishWorker"

# What places an actor on a node, as Daft's `start_ray_workers` reaches it through `ray`.
AFFINITY = "NodeAffinitySchedulingStrategy"

# Ray's namespace of the runner actors, and the name that they have on stock Daft: one for all drivers
# before 0.7.2, with the driver's own ending since (0.5.22 to 0.7.26).
RUNNER_NAMESPACE = "daft"
STOCK_RUNNER_NAME = "flotilla-plan-runner"


def start_ray_workers() -> Any:
    """Return what stands in this process where Daft's Rust code looks `start_ray_workers` up."""
    return importlib.import_module("daft.runners.flotilla").start_ray_workers


def head_node_id(flotilla: Any) -> Callable[[], Any]:
    """Return what tells Daft the node of the head, which a scale-in spares.

    Args:
        flotilla: The module `daft.runners.flotilla`.
    """
    found: Callable[[], Any] = flotilla.get_head_node_id
    return found


def put_in(flotilla: Any, start_ray_workers: Callable[..., Any], head: Callable[[], Any]) -> None:
    """Replace what Daft's Rust code looks up by name to start workers, and to spare those of the head.

    Args:
        flotilla: The module `daft.runners.flotilla`.
        start_ray_workers: What starts workers from now on.
        head: Returns the id of the worker that a scale-in spares.
    """
    flotilla.start_ray_workers = start_ray_workers
    flotilla.get_head_node_id = head


def results_of(runner: Any, plan: str) -> Any:
    """Return the stream of a plan's results; None where the plan has ended.

    Args:
        runner: The instance of `RemoteFlotillaRunner`, in its own process.
        plan: The id of the plan.
    """
    return runner.curr_result_gens.get(plan)


def plans_of(runner: Any) -> list[str]:
    """Return the ids of the plans that a `RemoteFlotillaRunner` holds: those not read to their end."""
    return list(runner.curr_plans)


def drop_plan(runner: Any, plan: str) -> None:
    """Drop a plan that has ended, as Daft does when its last result is read (`get_next_partition`)."""
    runner.curr_result_gens.pop(plan, None)
    runner.curr_plans.pop(plan, None)


def drop_plans(runner: Any) -> None:
    """Drop the plans that a `RemoteFlotillaRunner` still holds, with the results nobody has read."""
    runner.curr_result_gens.clear()
    runner.curr_plans.clear()


def renew_plan_runner(runner: Any, startup_timeout: int | None) -> None:
    """Give a `RemoteFlotillaRunner` a plan runner that knows of no workers (0.5.22 to 0.7.26).

    Args:
        runner: The instance, in its own process.
        startup_timeout: What `startup_timeout` returns in the driver.
    """
    given = () if startup_timeout is None else (startup_timeout,)
    runner.plan_runner = type(runner.plan_runner)(*given)


def release_dropped() -> None:
    """Have Daft's Rust code let go of the Python objects that it dropped on its own threads.

    It does so (as all of pyo3 does) when Python next calls into it, which in an idle process is never.
    """
    importlib.import_module("daft.context").get_context()
