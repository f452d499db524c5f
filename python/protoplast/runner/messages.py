"""What a runner says of itself and its workers, to its driver and to the command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from protoplast import _core


@dataclass(frozen=True)
class StartedWorker:
    """A worker that Daft has in service.

    Args:
        worker: The worker as planned and verified.
        actor: The handle of its actor.
    """

    worker: _core.Worker
    actor: Any


@dataclass(frozen=True)
class RunnerReport:
    """What a runner says of itself.

    Args:
        version: The version of protoplast in the runner's process.
        layout: The layout of the view that is installed there.
        workers: The workers that Daft has in service under that view.
        failed: The workers that could not be started when they were last tried, as planned.
        abandoned: How many queries still run whose results nobody will read.
    """

    version: str
    layout: _core.Layout
    workers: tuple[StartedWorker, ...]
    failed: tuple[_core.Worker, ...]
    abandoned: int


@dataclass(frozen=True)
class StartupProgress:
    """How many of the workers that a fleet began with are up.

    Args:
        up: How many are up.
        planned: How many were planned; 0 where none have been yet.
        is_starting: Whether some are still to come.
    """

    up: int
    planned: int
    is_starting: bool
