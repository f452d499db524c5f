"""Functions that the runner and the driver send into a worker with `actor.__ray_call__`."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping
from typing import Any

from protoplast import _core
from protoplast.seams.actor_names import fleet_of_worker
from protoplast.worker import async_calls, gil
from protoplast.worker.class_sharing import SHARING

logger = logging.getLogger(__name__)


def set_up(
    _actor: Any,
    worker: _core.Worker,
    environment: Mapping[str, str] | None,
) -> str | None:
    """Give this worker its share before Daft sends it work.

    Args:
        _actor: The instance of the actor.
        worker: The planned worker that this process is.
        environment: The environment variables to set, or None if the process started with them.

    Returns:
        A `WorkerReport` in JSON, or None if it is too late to set the environment because Daft has
        computed in this process or polars was imported.

    Raises:
        NotInEffectError: The worker cannot have its share.
        LayoutError: The node shows fewer GPUs than the worker is to have.
    """
    if environment is not None:
        # Daft reads its memory limit once. Ray 2.47 to 2.59 give an actor a process that has run no
        # task, but the job's `worker_process_setup_hook` may have run Daft there.
        if _core.has_computed() or "polars" in sys.modules:
            return None
        os.environ.update(environment)
    for name in _core.THREAD_VARIABLES:
        # A variable that was set on the node itself counts. Ray overwrites OMP_NUM_THREADS in the actor.
        if (of_node := _core.parent_variable(name)) is not None:
            os.environ[name] = of_node
    if worker.sees_own_gpus:
        # Daft's actor always takes the first devices of the node (`__init__` of `RaySwordfishActor`,
        # 0.5.22 to 0.7.26).
        os.environ[_core.CUDA_VARIABLE] = _core.visible_devices(worker)
    if worker.pin is not None:
        try:
            _core.pin_worker(worker)
        except _core.NotInEffectError as error:
            if not worker.pin_fallback:
                raise
            logger.warning("worker %s is not pinned: %s", worker.worker_id, error)
    gil.start()
    async_calls.limit(f"{_fleet(worker)}{worker.node_id}", len(worker.widths), worker.index)
    return report(_actor, worker)


def share_instances(
    _actor: Any, worker_id: str, threads: int, runner: Any, note: Any
) -> tuple[int, int]:
    """Build the instances of class UDFs once for each object of the driver, from now on.

    Args:
        _actor: The instance of the actor.
        worker_id: The id of this worker.
        threads: How many threads of this worker call UDFs.
        runner: The handle of the runner actor.
        note: The function that the runner runs when this worker has built an instance. It takes the
            actor, the id of the worker, what happened, the key of the instance, and figures.

    Returns:
        The memory that processes of this node can still take, and what the node has, in bytes.
    """

    def tell(event: str, key: str, figures: dict[str, Any]) -> None:
        try:
            runner.__ray_call__.remote(note, worker_id, event, key, figures)
        except Exception as error:  # The runner may have died, and then nobody needs to know.
            logger.info("worker %s: instance %s: %s", worker_id, event, error)

    SHARING.begin(threads, tell)
    return _core.available_memory()


def end_query(_actor: Any, query: str, keep_s: float, heirs: Mapping[str, list[str]]) -> None:
    """Free the instances that only this query uses, after `keep_s` seconds.

    Args:
        _actor: The instance of the actor.
        query: The id of the query.
        keep_s: For how long an instance is kept that no query uses, in seconds.
        heirs: The ids of the queries that use an instance too, by the key of the instance.
    """
    if SHARING.instances is not None:
        SHARING.instances.end_query(query, keep_s, heirs)


def drop_instances(_actor: Any, keys: list[str]) -> None:
    """Free these instances as soon as no query uses them."""
    if SHARING.instances is not None:
        SHARING.instances.drop(keys)


def files_being_written(_actor: Any) -> list[str]:
    """Return the paths of the files that this process has open for writing."""
    return _core.files_being_written()


def watch_gil(_actor: Any) -> bool:
    """Watch the GIL of this process from now on, which `set_up` does too.

    Args:
        _actor: The instance of the actor.

    Returns:
        Whether it is watched.
    """
    return gil.start()


def gil_counters(_actor: Any) -> gil.GilCounters | None:
    """Return what was counted of the GIL of this process so far; None if it is not watched."""
    return gil.counters()


def _fleet(worker: _core.Worker) -> str:
    import ray

    return fleet_of_worker(ray.get_runtime_context().get_actor_name() or "", worker.worker_id)


def report(_actor: Any, worker: _core.Worker) -> str:
    """Report which node this process runs on and what it has.

    Args:
        _actor: The instance of the actor.
        worker: The planned worker that this process is.

    Returns:
        A `WorkerReport` in JSON.
    """
    import ray

    names = (_core.MEMORY_VARIABLE, *_core.THREAD_VARIABLES, _core.CUDA_VARIABLE)
    return _core.worker_report(
        worker,
        ray.get_runtime_context().get_node_id(),
        {name: os.environ[name] for name in names if name in os.environ},
        gil.figures(),
    )
