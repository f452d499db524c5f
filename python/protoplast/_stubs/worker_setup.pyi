"""What a worker is given, and whether it has that."""

from collections.abc import Mapping, Sequence
from typing import Any

from protoplast._stubs.plan import Plan, Worker

CUDA_VARIABLE: str

MEMORY_VARIABLE: str

THREAD_VARIABLES: tuple[str, ...]

def environment(worker: Worker) -> dict[str, str]:
    """Return the environment that a worker's process is to have, by name.

    These are `MEMORY_VARIABLE` and `THREAD_VARIABLES`; nothing for a `per-node` worker with all of the
    memory and its own number of threads, which is Daft's own.
    """

def fits_prestarted_process(worker: Worker) -> bool:
    """Return whether a worker can have its environment set once its process runs.

    That holds for a worker of one thread, before Daft computes in it; it needs no new process then.
    """

def visible_devices(worker: Worker) -> str:
    """Return the `CUDA_VISIBLE_DEVICES` of a worker; to be asked within its process.

    The mask of the node, which is that of the process's parent, is respected.

    Raises:
        LayoutError: The node shows fewer GPUs than Ray counts on it.
        OSError: The environment of the parent cannot be read.
    """

def unpinned_nodes(plan: Plan, nodes: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the nodes of a plan whose workers stay unpinned, since another node is on the same host.

    Args:
        plan: The plan.
        nodes: The nodes of the cluster, as `ray.nodes()` gives them.

    Raises:
        NotInEffectError: The layout has no `pin-fallback`; the message names the first such worker.
    """

def check_created(plan: Plan, created: Sequence[Worker], registered: Sequence[Worker]) -> None:
    """Hold the workers that Daft created, and then took into service, against a plan.

    Raises:
        NotInEffectError: They differ; the message names the first difference.
    """

def memory_drift(worker: Worker, variables: dict[str, str]) -> str | None:
    """Say where a worker has another memory limit than its share; None where it has just that.

    Args:
        worker: The worker as planned.
        variables: Those of its environment.
    """

def retry_after_s(failures: int) -> int:
    """Return how long to wait before a worker that could not start is tried again, in seconds.

    Args:
        failures: How often it could not.
    """

def calls_at_once(begun: int, workers: int) -> int:
    """Return how many async calls a worker makes at once: its share of what one process would make.

    Args:
        begun: The calls that Daft has asked this worker for and whose batch is not done.
        workers: How many workers of the node share them.

    Returns:
        One at least.
    """
