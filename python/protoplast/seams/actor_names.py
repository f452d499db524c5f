"""Names actors, for Ray's dashboard and state API.

A Ray namespace holds each name once, until its actor is dead, and an actor whose name is taken does
not start. Every name here has a random part, so it never meets the name of an earlier worker, of
another fleet or of another job in the same namespace.
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
    """The parts of a runner's name.

    Args:
        job: The id of its job, in hexadecimal digits.
        fleet: The random part, which identifies the fleet.
        layout: The text of the fleet's layout.
    """

    job: str
    fleet: str
    layout: str


def parse_runner_name(name: str) -> RunnerName | None:
    """Return the parts of a runner's name, or None if `runner_name` has not made the name."""
    found = _OF_RUNNER.fullmatch(name)
    return RunnerName(*found.groups()) if found else None


def worker_name(worker_id: str, ray: Any) -> str:
    """Return a name for a worker of the fleet whose runner this process is.

    Args:
        worker_id: The id of the worker.
        ray: The `ray` module.

    Returns:
        `protoplast-worker-{job}-{fleet}-{worker id}-{random}`, with job and fleet of the runner's name.
    """
    runner = parse_runner_name(ray.get_runtime_context().get_actor_name() or "")
    fleet = [runner.job, runner.fleet] if runner else []
    return "-".join([_WORKER, *fleet, worker_id, _random()])


def fleet_of_worker(name: str, worker_id: str) -> str:
    """Return the prefix that the names of all workers of a fleet share.

    Args:
        name: The name of one worker.
        worker_id: The id of that worker.

    Returns:
        The prefix, or an empty string if the name does not contain the id.
    """
    fleet, found, _ = name.partition(worker_id)
    return fleet if found else ""


def _random() -> str:
    return uuid.uuid4().hex[:8]
