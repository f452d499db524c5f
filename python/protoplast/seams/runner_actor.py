"""The names of Daft that are used in the process of a runner. `seams.daft.load` checks them.

What this file says of Daft holds for 0.5.22 to 0.7.26.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Sequence
from typing import Any

# The class of a worker's actor, and the class by which Daft's Rust code knows the worker. Both are names
# in `daft.runners.flotilla`.
WORKER_ACTOR = "RaySwordfishActor"
WORKER_HANDLE = "RaySwordfishWorker"

# Places an actor on a node. Daft's `start_ray_workers` reaches it through `ray.util`.
AFFINITY = "NodeAffinitySchedulingStrategy"

# The Ray namespace of the runner actors, and how their names begin on stock Daft. Before 0.7.2 all
# drivers share this name; since then each driver adds an ending of its own.
RUNNER_NAMESPACE = "daft"
STOCK_RUNNER_NAME = "flotilla-plan-runner"


def start_ray_workers() -> Any:
    """Return what Daft's Rust code finds in this process under the name `start_ray_workers`."""
    return importlib.import_module("daft.runners.flotilla").start_ray_workers


def head_node_id(flotilla: Any) -> Callable[[], Any]:
    """Return Daft's function that tells the head node's id, which a scale-in spares.

    Args:
        flotilla: The module `daft.runners.flotilla`.
    """
    found: Callable[[], Any] = flotilla.get_head_node_id
    return found


def autoscaler_request(flotilla: Any) -> Callable[[Sequence[dict[str, float]]], Any]:
    """Return Daft's function that asks Ray's autoscaler for bundles, in the place of its last request.

    Args:
        flotilla: The module `daft.runners.flotilla`.
    """
    found: Callable[[Sequence[dict[str, float]]], Any] = flotilla.try_autoscale
    return found


def scales_in(flotilla: Any) -> bool:
    """Return whether Daft ends idle workers in this process, so that an autoscaler can end their nodes.

    Daft does so at the end of each query, and also while one runs (`retire_idle_workers` in
    `worker_manager.rs`, 0.7.16 to 0.7.26).

    Args:
        flotilla: The module `daft.runners.flotilla`.
    """
    chosen = os.environ.get("DAFT_AUTOSCALING_DOWNSCALE_ENABLED", "").lower() in ("1", "true")
    return chosen and hasattr(flotilla, "clear_autoscaling_requests")


def put_in(
    flotilla: Any,
    start_ray_workers: Callable[..., Any],
    head: Callable[[], Any],
    request: Callable[[Sequence[dict[str, float]]], Any],
) -> None:
    """Replace the functions that Daft's Rust code looks up by name to start workers and to scale.

    Args:
        flotilla: The module `daft.runners.flotilla`.
        start_ray_workers: Starts the workers from now on.
        head: Returns the id of the worker that a scale-in spares from now on.
        request: Asks an autoscaler for bundles from now on.
    """
    flotilla.start_ray_workers = start_ray_workers
    flotilla.get_head_node_id = head
    flotilla.try_autoscale = request


def put_in_streams(runner: Any, streams: dict[str, Any]) -> None:
    """Replace the mapping that holds the streams of results by plan.

    Args:
        runner: The instance of `RemoteFlotillaRunner`, which has run no plan yet.
        streams: The mapping from now on, which may change what is put into it.
    """
    runner.curr_result_gens = streams


def results_of(runner: Any, plan: str) -> Any:
    """Return the stream of a plan's results, or None if the plan has ended.

    Args:
        runner: The instance of `RemoteFlotillaRunner`.
        plan: The id of the plan.
    """
    return runner.curr_result_gens.get(plan)


def plans_of(runner: Any) -> list[str]:
    """Return the ids of the plans that a `RemoteFlotillaRunner` holds: those not read to the end."""
    return list(runner.curr_plans)


def drop_plan(runner: Any, plan: str) -> None:
    """Drop an ended plan, as Daft does when its last result is read (`get_next_partition`)."""
    runner.curr_result_gens.pop(plan, None)
    runner.curr_plans.pop(plan, None)


def drop_plans(runner: Any) -> None:
    """Drop every plan that a `RemoteFlotillaRunner` still holds, with its unread results."""
    runner.curr_result_gens.clear()
    runner.curr_plans.clear()


def renew_plan_runner(runner: Any, startup_timeout: int | None) -> None:
    """Give a `RemoteFlotillaRunner` a new plan runner, which has no workers.

    Args:
        runner: The instance of `RemoteFlotillaRunner`.
        startup_timeout: How long Daft waits for workers to start, in seconds, or None before 0.7.15.
    """
    given = () if startup_timeout is None else (startup_timeout,)
    runner.plan_runner = type(runner.plan_runner)(*given)


def release_dropped() -> None:
    """Release the Python objects that Daft's Rust code has dropped on its own threads.

    PyO3 releases such objects when Python next calls into Rust, which an idle process never does. So
    this function makes a call.
    """
    importlib.import_module("daft.context").get_context()
