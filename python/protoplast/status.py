"""What is there now, read back from Ray."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protoplast import _core

if TYPE_CHECKING:
    from protoplast.fleet import Fleet
    from protoplast.worker import WorkerReport

logger = logging.getLogger(__name__)

# How long all workers together may take to answer, in seconds.
_ANSWER_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class WorkerStatus:
    """One worker.

    Args:
        worker_id: `{NodeID}_cpu_{cpu_index}`.
        node_id: The `NodeID` of the node that its process says it runs on; that of the plan where it
            did not answer.
        pid: Its process id on that node; None where it did not answer.
        cpus: The CPUs that it was started with.
        gpus: The GPUs that it was started with.
        memory_bytes: The memory that Daft counts for it, in bytes.
        state: `alive`, `dead`, or `silent` where it did not answer in time.
    """

    worker_id: str
    node_id: str
    pid: int | None
    cpus: int
    gpus: int
    memory_bytes: int
    state: str


@dataclass(frozen=True)
class FleetStatus:
    """One runner actor and its workers under one layout.

    Args:
        name: The name of the runner actor in Ray's namespace `daft`.
        layout: The layout that is installed in the runner.
        workers: Its workers.
    """

    name: str
    layout: _core.Layout
    workers: tuple[WorkerStatus, ...]


@dataclass(frozen=True)
class Status:
    """What is there now. `str()` is a table.

    Args:
        applied: Whether the patch is applied in this process.
        layout: The layout in force; None where the patch is not applied.
        in_effect: Whether the patch is applied and live workers of it were found: of the layout in
            force, or of the one that its queries were too wide for.
        reason: Why it is not in effect; empty where it is.
        fleets: The fleets of this process.
    """

    applied: bool
    layout: _core.Layout | None
    in_effect: bool
    reason: str
    fleets: tuple[FleetStatus, ...]

    @property
    def workers(self) -> tuple[WorkerStatus, ...]:
        """The workers of all fleets."""
        return tuple(worker for fleet in self.fleets for worker in fleet.workers)

    def __str__(self) -> str:
        lines = [f"in effect: {'yes' if self.in_effect else f'no ({self.reason})'}"]
        for fleet in self.fleets:
            rows = [
                (
                    _core.Worker(w.worker_id, w.node_id, w.cpus, w.gpus, w.memory_bytes),
                    w.pid,
                    w.state,
                )
                for w in fleet.workers
            ]
            lines.append(f"layout {fleet.layout}, runner {fleet.name}")
            lines.append(_core.render_workers(rows))
        return "\n".join(lines)


def status() -> Status:
    """Read back from the cluster what is there now: the runners and workers of this process.

    Each worker is asked itself for its pid and node; what it does not answer is not made up.
    """
    from protoplast.fleet import FLEETS
    from protoplast.patching import PATCH

    layout = PATCH.layout
    fleets = tuple(found for fleet in FLEETS.live() if (found := _read(fleet)) is not None)
    reason = _reason(layout, fleets)
    return Status(layout is not None, layout, not reason, reason, fleets)


def _reason(layout: _core.Layout | None, fleets: tuple[FleetStatus, ...]) -> str:
    if layout is None:
        return "the patch is not applied"
    if any(worker.state == "alive" for fleet in fleets for worker in fleet.workers):
        return ""
    from protoplast.runner_choice import other_runner

    if found := other_runner():
        return f"this process runs its queries on Daft's {found} runner"
    return "no query has started workers yet"


def _read(fleet: Fleet) -> FleetStatus | None:
    report = fleet.report(_ANSWER_TIMEOUT_S)
    if report is None:
        return None
    import ray

    from protoplast import worker

    asked = [
        (started.worker, started.actor.__ray_call__.remote(worker.report))
        for started in report.workers
    ]
    references = [reference for _, reference in asked]
    ready: list[Any] = []
    if references:
        ready, _ = ray.wait(references, num_returns=len(asked), timeout=_ANSWER_TIMEOUT_S)
    workers = tuple(
        _worker_status(planned, *_answer(ray, reference, ready)) for planned, reference in asked
    )
    return FleetStatus(fleet.name, report.layout, workers)


def _answer(ray: Any, reference: Any, ready: list[Any]) -> tuple[WorkerReport | None, str]:
    if reference not in ready:
        return None, "silent"
    try:
        return ray.get(reference), "alive"
    except ray.exceptions.ActorDiedError:
        return None, "dead"
    except ray.exceptions.RayError as error:
        logger.warning("a worker could not be asked: %s", error)
        return None, "silent"


def _worker_status(planned: _core.Worker, report: WorkerReport | None, state: str) -> WorkerStatus:
    return WorkerStatus(
        worker_id=planned.worker_id,
        node_id=report.node_id if report else planned.node_id,
        pid=report.pid if report else None,
        cpus=planned.cpus,
        gpus=planned.gpus,
        memory_bytes=planned.memory_bytes,
        state=state,
    )
