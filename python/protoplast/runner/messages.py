"""What a runner tells its driver and the command about itself and its workers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from protoplast import _core


@dataclass(frozen=True)
class StartedWorker:
    """A worker that Daft has taken into service.

    Args:
        worker: The planned worker, which `verify` found equal to what Daft created.
        actor: The handle of its actor.
    """

    worker: _core.Worker
    actor: Any


@dataclass(frozen=True)
class RunnerReport:
    """What a runner says about itself.

    Args:
        version: The version of protoplast in the runner's process.
        layout: The layout of the view that is installed there.
        workers: The workers that Daft has taken into service under that view.
        failed: The planned workers that could not be started when they were last tried.
        abandoned: How many abandoned queries, whose results nobody will read, still run.
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
        up: How many workers are up.
        planned: How many workers the fleet began with, or 0 if none were planned yet.
        is_starting: Whether workers are still starting.
    """

    up: int
    planned: int
    is_starting: bool
