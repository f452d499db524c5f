"""The names of actors, as Ray's dashboard and state API show them.

Ray takes a name once in a namespace until its actor is dead, and an actor whose name is taken does not
start. Every name here has a random part, so neither a worker that is started again, nor another fleet,
nor another job in the same namespace meets one that is taken.
"""

from __future__ import annotations

import uuid
from typing import Any

from protoplast import _core

_RUNNER = "protoplast-runner"
_WORKER = "protoplast-worker"


def runner_name(job_id: str, layout: _core.Layout) -> str:
    """Return a name for the runner of a new fleet: `protoplast-runner-{job}-{fleet}-{layout}`.

    Args:
        job_id: The id of the job, in hexadecimal digits.
        layout: The layout of the fleet.
    """
    return f"{_RUNNER}-{job_id}-{_random()}-{layout}"


def worker_name(worker_id: str, ray: Any) -> str:
    """Return a name for a worker of this process's fleet.

    Args:
        worker_id: The worker.
        ray: The module, in the runner's process.

    Returns:
        `protoplast-worker-{job}-{fleet}-{worker id}-{random}`, with job and fleet of the runner's name.
    """
    runner: str = ray.get_runtime_context().get_actor_name() or ""
    fleet = runner.removeprefix(f"{_RUNNER}-").split("-")[:2]
    return "-".join([_WORKER, *fleet, worker_id, _random()])


def _random() -> str:
    return uuid.uuid4().hex[:8]
