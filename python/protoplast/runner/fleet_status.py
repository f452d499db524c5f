"""One fleet as it is now, of whichever job: what its runner has said, and what its workers say."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from protoplast import _core
from protoplast.runner.messages import RunnerReport
from protoplast.worker import calls as worker_calls
from protoplast.worker.calls import WorkerReport

logger = logging.getLogger(__name__)

# How long a runner may take to answer, and then all workers together, in seconds.
ANSWER_TIMEOUT_S = 10.0


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
        memory_bytes: Its share of its node's memory, in bytes.
        state: `alive`, `dead`, `silent` where it did not answer in time, or `failed` where it could not
            be started and will be tried again.
        memory_limit_bytes: What it lets the tasks of Daft take, in bytes: its `DAFT_MEMORY_LIMIT`. None
            where it has none, or did not answer.
        rss_bytes: The memory that it has now, in bytes; None where it did not answer.
        pss_bytes: The same with what it shares split among those that share it; None where the system
            does not say.
        threads: The threads that it has now; None where it did not answer.
        cpus_allowed: The CPUs that it may run on, as the kernel writes a list of them (`0-3,8`).
        environment: Those of the variables of its share that it has, and the mask of its GPUs.
        differences: Where it has something else than its share says; empty where it has just that.
    """

    worker_id: str
    node_id: str
    pid: int | None
    cpus: int
    gpus: int
    memory_bytes: int
    state: str
    memory_limit_bytes: int | None = None
    rss_bytes: int | None = None
    pss_bytes: int | None = None
    threads: int | None = None
    cpus_allowed: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    differences: tuple[str, ...] = ()


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


def fleet_status(ray: Any, name: str, report: RunnerReport) -> FleetStatus:
    """Ask the workers of a fleet, of whichever job, and return what they have.

    Args:
        ray: The module.
        name: The name of the runner actor.
        report: What the runner has said of itself.
    """
    asked = [
        (started.worker, started.actor.__ray_call__.remote(worker_calls.report))
        for started in report.workers
    ]
    references = [reference for _, reference in asked]
    ready: list[Any] = []
    if references:
        ready, _ = ray.wait(references, num_returns=len(asked), timeout=ANSWER_TIMEOUT_S)
    workers = tuple(
        _worker_status(planned, *_answer(ray, reference, ready)) for planned, reference in asked
    )
    started = {worker.worker_id for worker in workers}
    failed = tuple(
        _worker_status(planned, None, "failed")
        for planned in report.failed
        if planned.worker_id not in started
    )
    return FleetStatus(name, report.layout, workers + failed)


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
    share = WorkerStatus(
        worker_id=planned.worker_id,
        node_id=planned.node_id,
        pid=None,
        cpus=planned.cpus,
        gpus=planned.gpus,
        memory_bytes=planned.memory_bytes,
        state=state,
    )
    if report is None:
        return share
    process, environment = report.process, report.environment
    limit = environment.get(_core.MEMORY_VARIABLE, "")
    return replace(
        share,
        node_id=report.node_id,
        pid=process.pid,
        memory_limit_bytes=int(limit) if limit.isdecimal() else None,
        rss_bytes=process.rss_bytes,
        pss_bytes=process.pss_bytes,
        threads=process.threads,
        cpus_allowed=process.cpus,
        environment=environment,
        differences=tuple(_core.differences(planned, environment, process.cpus)),
    )
