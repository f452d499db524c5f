"""Reads what Daft prints of a plan, in this process or in a Ray task.

Daft holds the GIL while it reads the footers of files to split a scan (`repr_ascii` and `repr_json` in
`daft-distributed`, 0.7.26). A file that is not on the driver's disk may come from a slow server, or
from a server that is a thread of the driver. While Daft holds the GIL, that thread cannot answer and
Ctrl-C does nothing. So a Ray task reads such a plan.
"""

from __future__ import annotations

import functools
import logging
import time
from dataclasses import dataclass
from typing import Any

from protoplast.seams import daft as daft_seams

logger = logging.getLogger(__name__)

# How long the Ray task may take, in seconds, to start its process and to read ten footers.
ANSWER_TIMEOUT_S = 30.0

# How long no task is started after one has taken longer, in seconds. The next task would take as long,
# for example because Python code provides the credentials and cannot run while Daft holds the GIL.
SILENCE_S = 600.0

# No task is started before this time, in seconds of the monotonic clock.
_silent_until = 0.0


@dataclass(frozen=True)
class PlanDescription:
    """What Daft says about a plan.

    Args:
        text: The plan as Daft prints it, which the tuner in Rust reads.
        partitions: How many partitions the plan leaves, or None if Daft does not say or was not asked.
    """

    text: str
    partitions: int | None


def read_plan(plan: Any, counts: bool = False) -> PlanDescription:
    """Read a plan in this process.

    Args:
        plan: A `DistributedPhysicalPlan`.
        counts: Whether to ask Daft for the number of partitions.
    """
    partitions = daft_seams.plan_partitions(plan) if counts else None
    return PlanDescription(daft_seams.plan_text(plan), partitions)


def read_plan_remotely(plan: Any, ray: Any, counts: bool = False) -> PlanDescription | None:
    """Read a plan in a Ray task, so that this process keeps its GIL free.

    Args:
        plan: A `DistributedPhysicalPlan`.
        ray: The `ray` module.
        counts: Whether to ask Daft for the number of partitions.

    Returns:
        What Daft says, or None if the task failed or took longer than `ANSWER_TIMEOUT_S`.
    """
    global _silent_until
    if time.monotonic() < _silent_until:
        return None
    reference = _reader(ray, ray.get_runtime_context().get_job_id()).remote(plan, counts)
    try:
        description: PlanDescription = ray.get(reference, timeout=ANSWER_TIMEOUT_S)
    except ray.exceptions.GetTimeoutError:
        logger.warning(
            "reading the footers of a query's files took longer than %.0f s; files that are not on the "
            "driver's disk are not split for the next %.0f s",
            ANSWER_TIMEOUT_S,
            SILENCE_S,
        )
        _silent_until = time.monotonic() + SILENCE_S
        ray.cancel(reference, force=True)
        return None
    except ray.exceptions.RayError as error:
        logger.warning("the footers of a query's files could not be read before it ran: %s", error)
        return None
    except BaseException:  # Such as a Ctrl-C, after which nobody waits for the task.
        ray.cancel(reference, force=True)
        raise
    return description


@functools.lru_cache(maxsize=1)
def _reader(ray: Any, _job_id: str) -> Any:
    """Return `read_plan` as a Ray task, which is exported to the cluster once per job.

    The task asks for no CPU, so it does not wait for CPUs that actors hold.
    """
    return ray.remote(num_cpus=0, max_retries=0)(read_plan)
