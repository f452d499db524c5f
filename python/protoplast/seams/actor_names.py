"""The names of actors, as Ray's dashboard and state API show them.

Ray takes a name once in a namespace until its actor is dead, and an actor whose name is taken does not
start. Every name here has a random part, so neither a worker that is started again, nor another fleet,
nor another job in the same namespace meets one that is taken.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import Any

from protoplast import _core

_RUNNER = "protoplast-runner"
_WORKER = "protoplast-worker"
_OF_RUNNER = re.compile(_RUNNER + r"-([0-9a-f]+)-([0-9a-f]{8})-(.*)", re.DOTALL)


def runner_name(job_id: str, layout: _core.Layout) -> str:
    """Return a name for the runner of a new fleet: `protoplast-runner-{job}-{fleet}-{layout}`.

    Args:
        job_id: The id of the job, in hexadecimal digits.
        layout: The layout of the fleet.
    """
    return f"{_RUNNER}-{job_id}-{_random()}-{layout}"


@dataclass(frozen=True)
class RunnerName:
    """What the name of a runner tells.

    Args:
        job: The id of its job.
        fleet: What tells its fleet from others.
        layout: The text of the fleet's layout.
    """

    job: str
    fleet: str
    layout: str


def parse_runner_name(name: str) -> RunnerName | None:
    """Return what the name of a runner tells; None where it is no name of `runner_name`."""
    found = _OF_RUNNER.fullmatch(name)
    return RunnerName(*found.groups()) if found else None


def worker_name(worker_id: str, ray: Any) -> str:
    """Return a name for a worker of this process's fleet.

    Args:
        worker_id: The worker.
        ray: The module, in the runner's process.

    Returns:
        `protoplast-worker-{job}-{fleet}-{worker id}-{random}`, with job and fleet of the runner's name.
    """
    runner = parse_runner_name(ray.get_runtime_context().get_actor_name() or "")
    fleet = [runner.job, runner.fleet] if runner else []
    return "-".join([_WORKER, *fleet, worker_id, _random()])


def fleet_of_worker(name: str, worker_id: str) -> str:
    """Return what the names of all workers of a fleet begin with.

    Args:
        name: The name of one of them.
        worker_id: Its id.

    Returns:
        Nothing if it is no name of `worker_name`.
    """
    fleet, found, _ = name.partition(worker_id)
    return fleet if found else ""


def _random() -> str:
    return uuid.uuid4().hex[:8]
