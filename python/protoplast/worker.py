"""What runs inside a worker, sent there with `actor.__ray_call__`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class WorkerReport:
    """What a worker says of itself.

    Args:
        pid: Its process id on its node.
        node_id: The `NodeID` of the node that it really runs on.
    """

    pid: int
    node_id: str


def report(_actor: Any) -> WorkerReport:
    """Say which process this is and where."""
    import ray

    return WorkerReport(os.getpid(), ray.get_runtime_context().get_node_id())
