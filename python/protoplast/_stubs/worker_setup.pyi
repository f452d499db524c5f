"""What a worker gets, and whether it has that."""

from collections.abc import Mapping, Sequence
from typing import Any

from protoplast._stubs.plan import Plan, Worker

CUDA_VARIABLE: str

MEMORY_VARIABLE: str

THREAD_VARIABLES: tuple[str, ...]

def environment(worker: Worker) -> dict[str, str]:
    """Return the environment variables that a worker's process gets, by name.

    These are `MEMORY_VARIABLE` and `THREAD_VARIABLES`. Daft's own worker gets none: a `per-node` worker
    with all of the memory and Daft's own number of threads.
    """

def fits_prestarted_process(worker: Worker) -> bool:
    """Return whether a worker's environment can be set once its process runs.

    It can for a worker of one thread, before Daft computes in it. Such a worker needs no new process.
    """

def visible_devices(worker: Worker) -> str:
    """Return the `CUDA_VISIBLE_DEVICES` of a worker, from within its process.

    Only devices that the process's parent, which belongs to the node, sees are given to the worker.

    Raises:
        LayoutError: The node has fewer devices than Ray counts on it.
        NotInEffectError: The environment of the parent cannot be read.
    """

def unpinned_nodes(plan: Plan, nodes: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the nodes of a plan whose workers stay unpinned, because another node is on the same host.

    Args:
        plan: The plan.
        nodes: The nodes of the cluster, in the form of `ray.nodes()`.

    Raises:
        NotInEffectError: A worker cannot be pinned and has no `pin-fallback`; the message names it.
    """

def check_created(plan: Plan, created: Sequence[Worker], registered: Sequence[Worker]) -> None:
    """Compare the workers that Daft created, and those that it took into service, with a plan.

    Raises:
        NotInEffectError: The workers differ from the plan; the message names the first difference.
    """

def memory_drift(worker: Worker, variables: dict[str, str]) -> str | None:
    """Describe how a worker's memory limit differs from its share; None if it does not differ.

    Args:
        worker: The worker as planned.
        variables: The environment variables of the worker's process.
    """

def retry_after_s(failures: int) -> int:
    """Return how long to wait before the start of a worker is tried again, in seconds.

    Args:
        failures: How often the start has failed.
    """

def calls_at_once(begun: int, workers: int) -> int:
    """Return how many async calls a worker makes at once: its share of the calls of one process.

    Args:
        begun: The calls that Daft has asked this worker for in batches that are not done.
        workers: How many workers of the node share the calls.

    Returns:
        The number of calls, at least 1.
    """
