"""Lists Daft's actors of every job, from Ray's own list. No actor is called for that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from protoplast.seams import ray as ray_seams
from protoplast.seams.actor_names import parse_runner_name
from protoplast.seams.runner_actor import RUNNER_NAMESPACE, STOCK_RUNNER_NAME, WORKER_ACTOR


@dataclass(frozen=True)
class Runner:
    """A live runner actor.

    Args:
        name: The name of the actor.
        job: The id of the job that the actor belongs to, or an empty string if that is not known.
        layout: The layout in the name, or None if the runner is stock Daft's.
        workers: What Ray lists of its live workers, as `WorkerReport` in Rust reads it.
    """

    name: str
    job: str
    layout: str | None
    workers: tuple[dict[str, Any], ...]


def runners(ray: Any) -> list[Runner]:
    """Return the live runner actors of all jobs.

    Args:
        ray: The `ray` module, connected to a cluster.
    """
    table = ray_seams.actors()
    listed = {info["Name"]: info for info in table if info["Name"] and info["State"] != "DEAD"}
    named = ray.util.list_named_actors(all_namespaces=True)
    names = sorted(actor["name"] for actor in named if actor["namespace"] == RUNNER_NAMESPACE)
    found = []
    for name in names:
        own = parse_runner_name(name)
        if own is None and not name.startswith(STOCK_RUNNER_NAME):
            continue
        info = listed.get(name)
        job = own.job if own else info["JobID"] if info else ""
        workers = tuple(_workers_of(info, table)) if info else ()
        found.append(Runner(name, job, own.layout if own else None, workers))
    return found


def handle(ray: Any, name: str) -> Any:
    """Return the handle of a runner actor.

    Args:
        ray: The `ray` module, connected to a cluster.
        name: The name of the actor.

    Raises:
        ValueError: No such actor is alive.
    """
    return ray.get_actor(name, namespace=RUNNER_NAMESPACE)


def driver_pids() -> dict[str, int]:
    """Return the process ids of the drivers that Ray lists, by the id of their job."""
    return {job["JobID"]: job["DriverPid"] for job in ray_seams.jobs() if job.get("DriverPid")}


def _workers_of(
    runner: dict[str, Any], table: Iterable[dict[str, Any]]
) -> Iterable[dict[str, Any]]:
    for info in table:
        is_its_own = info["OwnerAddress"] == runner["Address"]
        if info["ActorClassName"] == WORKER_ACTOR and info["State"] != "DEAD" and is_its_own:
            yield {
                "node_id": info["Address"]["NodeID"] or None,
                "pid": info["Pid"] or None,
                "state": "alive" if info["State"] == "ALIVE" else "starting",
                "differences": [],
            }
