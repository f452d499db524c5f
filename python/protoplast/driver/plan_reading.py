"""Reads what Daft says of a plan: in this process, or in another where that could hang.

Daft holds the GIL while it reads the footers of files to split a scan (`repr_ascii` and `repr_json` in
`daft-distributed`, 0.7.26). Files that are not on the driver's disk may come from a thread of the driver
itself, under whatever name, or from a server that is slow; with the GIL held that thread never answers
and no Ctrl-C is heard. So such a plan is read by a task of Ray's.
"""

from __future__ import annotations

import functools
import logging
import time
from dataclasses import dataclass
from typing import Any

from protoplast.seams import daft as daft_seams

logger = logging.getLogger(__name__)

# How long another process may take to read a plan, in seconds: to start, and to read ten footers.
ANSWER_TIMEOUT_S = 30.0

# For how long none is asked after one took longer, in seconds. Whatever the reason, such as credentials
# that Python code provides and that cannot be had with the GIL held, the next one would take as long.
SILENCE_S = 600.0

# Until when none is asked.
_silent_until = 0.0


@dataclass(frozen=True)
class PlanDescription:
    """What Daft says of a plan.

    Args:
        text: As `decide` in Rust takes it.
        partitions: How many partitions it leaves; None if Daft does not say, or was not asked.
    """

    text: str
    partitions: int | None


def read_plan(plan: Any, counts: bool = False) -> PlanDescription:
    """Read a plan in this process.

    Args:
        plan: A `DistributedPhysicalPlan`.
        counts: Whether its partitions are counted.
    """
    partitions = daft_seams.plan_partitions(plan) if counts else None
    return PlanDescription(daft_seams.plan_text(plan), partitions)


def read_plan_remotely(plan: Any, ray: Any, counts: bool = False) -> PlanDescription | None:
    """Read a plan in a process of Ray's, with this one's GIL free.

    Args:
        plan: A `DistributedPhysicalPlan`.
        ray: The module.
        counts: Whether its partitions are counted.

    Returns:
        None if it could not be read, or not in time. No query waits longer for it.
    """
    global _silent_until
    if time.monotonic() < _silent_until:
        return None
    reference = _reader(ray, ray.get_runtime_context().get_job_id()).remote(plan, counts)
    try:
        said: PlanDescription = ray.get(reference, timeout=ANSWER_TIMEOUT_S)
    except ray.exceptions.GetTimeoutError:
        logger.warning(
            "the footers of a query's files were not read within %.0f s; files that are not on the "
            "driver's disk are not split for the next %.0f s",
            ANSWER_TIMEOUT_S,
            SILENCE_S,
        )
        _silent_until = time.monotonic() + SILENCE_S
        ray.cancel(reference, force=True)
        return None
    except ray.exceptions.RayError as error:
        logger.warning("the footers of a query's files could not be read beforehand: %s", error)
        return None
    except BaseException:  # A Ctrl-C: nobody waits for it any more.
        ray.cancel(reference, force=True)
        raise
    return said


@functools.lru_cache(maxsize=1)
def _reader(ray: Any, _job_id: str) -> Any:
    """Return `read_plan` as a task of Ray's. It is exported to the cluster once a job.

    It needs no CPU of Ray's, so it waits for none that actors have taken.
    """
    return ray.remote(num_cpus=0, max_retries=0)(read_plan)
