"""What runs inside a worker, sent there with `actor.__ray_call__`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from protoplast import _core


@dataclass(frozen=True)
class WorkerReport:
    """What a worker says of itself.

    Args:
        pid: Its process id on its node.
        node_id: The `NodeID` of the node that it really runs on.
    """

    pid: int
    node_id: str


def set_up(_actor: Any, worker: _core.Worker) -> None:
    """Give this process its own GPUs, before Daft sends it any work.

    Daft's actor shows itself the first devices of the node, whichever those are (`__init__` of
    `RaySwordfishActor`, 0.5.22 to 0.7.26).

    Args:
        _actor: The actor.
        worker: The worker that this process is.
    """
    os.environ[_core.CUDA_VARIABLE] = _core.visible_devices(worker)


def report(_actor: Any) -> WorkerReport:
    """Say which process this is and where."""
    import ray

    return WorkerReport(os.getpid(), ray.get_runtime_context().get_node_id())
