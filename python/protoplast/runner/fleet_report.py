"""Reports on one fleet of any job: what its runner and its workers say about themselves."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from protoplast import _core
from protoplast.runner.messages import RunnerReport
from protoplast.worker import calls as worker_calls
from protoplast.worker.report import WorkerReport

logger = logging.getLogger(__name__)

# How long a runner may take to answer, and then all its workers together, in seconds.
REPORT_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class FleetReport:
    """One fleet: a runner actor of Daft's, and its workers under one layout.

    Args:
        name: The name of the runner actor in the Ray namespace `daft`.
        layout: The layout that is installed in the runner.
        workers: The workers of the fleet, including those that could not be started.
    """

    name: str
    layout: _core.Layout
    workers: tuple[WorkerReport, ...]


def fleet_report(ray: Any, name: str, report: RunnerReport) -> FleetReport:
    """Ask the workers of a fleet of any job for their reports.

    Args:
        ray: The `ray` module.
        name: The name of the runner actor.
        report: What the runner says about itself.
    """
    asked = [
        (started.worker, started.actor.__ray_call__.remote(worker_calls.report, started.worker))
        for started in report.workers
    ]
    references = [reference for _, reference in asked]
    ready: list[Any] = []
    if references:
        ready, _ = ray.wait(references, num_returns=len(asked), timeout=REPORT_TIMEOUT_S)
    workers = tuple(_report(ray, planned, reference, ready) for planned, reference in asked)
    started = {worker.worker_id for worker in workers}
    failed = tuple(
        WorkerReport.of_planned(planned, "failed")
        for planned in report.failed
        if planned.worker_id not in started
    )
    return FleetReport(name, report.layout, workers + failed)


def _report(ray: Any, planned: _core.Worker, reference: Any, ready: list[Any]) -> WorkerReport:
    if reference not in ready:
        return WorkerReport.of_planned(planned, "silent")
    try:
        return WorkerReport.read(ray.get(reference))
    except ray.exceptions.ActorDiedError:
        return WorkerReport.of_planned(planned, "dead")
    except ray.exceptions.RayError as error:
        logger.warning("worker %s could not be asked: %s", planned.worker_id, error)
        return WorkerReport.of_planned(planned, "silent")
