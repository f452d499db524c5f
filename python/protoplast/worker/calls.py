"""What runs inside a worker, sent there with `actor.__ray_call__`."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping
from typing import Any

from protoplast import _core
from protoplast.seams.actor_names import fleet_of_worker
from protoplast.worker import async_calls

logger = logging.getLogger(__name__)


def set_up(
    _actor: Any,
    worker: _core.Worker,
    environment: Mapping[str, str] | None,
) -> str | None:
    """Give this process its share, before Daft sends it any work; returns its report, in JSON.

    Args:
        _actor: The actor.
        worker: The worker that this process is.
        environment: What is to be set; None where its process was started with that.

    Returns:
        None where that is too late: Daft has computed in this process, or polars was imported.

    Raises:
        NotInEffectError: It cannot have its share.
        LayoutError: Its node shows fewer GPUs than the worker is to have.
    """
    if environment is not None:
        # Daft reads its limit of memory once. Ray 2.47 to 2.59 give an actor no process that has run
        # a task, but a hook of the job's may have run Daft there (`worker_process_setup_hook`).
        if _core.has_computed() or "polars" in sys.modules:
            return None
        os.environ.update(environment)
    for name in _core.THREAD_VARIABLES:
        # Who set one on the node itself meant it. Ray sets OMP_NUM_THREADS, after the node.
        if (of_node := _core.parent_variable(name)) is not None:
            os.environ[name] = of_node
    if worker.sees_own_gpus:
        # Daft's actor shows itself the first devices of the node, whichever those are (`__init__` of
        # `RaySwordfishActor`, 0.5.22 to 0.7.26).
        os.environ[_core.CUDA_VARIABLE] = _core.visible_devices(worker)
    if worker.pin is not None:
        try:
            _core.pin_worker(worker)
        except _core.NotInEffectError as error:
            if not worker.pin_fallback:
                raise
            logger.warning("worker %s is not pinned: %s", worker.worker_id, error)
    async_calls.limit(f"{_fleet(worker)}{worker.node_id}", len(worker.widths), worker.index)
    return report(_actor, worker)


def files_being_written(_actor: Any) -> list[str]:
    """Return the files that this process is writing, by path."""
    return _core.files_being_written()


def _fleet(worker: _core.Worker) -> str:
    import ray

    return fleet_of_worker(ray.get_runtime_context().get_actor_name() or "", worker.worker_id)


def report(_actor: Any, worker: _core.Worker) -> str:
    """Say where this process is and what it has.

    Args:
        _actor: The actor.
        worker: The worker that this process is.

    Returns:
        A `WorkerReport` in JSON.
    """
    import ray

    names = (_core.MEMORY_VARIABLE, *_core.THREAD_VARIABLES, _core.CUDA_VARIABLE)
    return _core.worker_report(
        worker,
        ray.get_runtime_context().get_node_id(),
        {name: os.environ[name] for name in names if name in os.environ},
    )
