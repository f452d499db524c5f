"""What is known of a worker: what it was started with, and what its process says of itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from protoplast import _core


@dataclass(frozen=True)
class WorkerReport:
    """One worker as it was read back. What is not known is None.

    Args:
        worker_id: `{NodeID}_cpu_{cpu_index}`.
        node_id: The `NodeID` of the node that its process says it runs on; that of the plan if it did
            not answer.
        pid: Its process id on that node.
        cpus: The CPUs that it was started with.
        gpus: The GPUs that it was started with.
        memory_bytes: Its share of its node's memory, in bytes.
        state: `alive`, `dead`, `silent` if it did not answer in time, or `failed` if it could not be
            started and will be tried again.
        memory_limit_bytes: What it lets the tasks of Daft take, in bytes: its `DAFT_MEMORY_LIMIT`. None
            also if it has no limit.
        rss_bytes: The memory that it has now, in bytes.
        pss_bytes: The same with what it shares split among those that share it.
        threads: The threads that it has now.
        cpus_allowed: The CPUs that it may run on, as the kernel writes a list of them (`0-3,8`).
        environment: Those of the variables of its share that it has, and the mask of its GPUs.
        differences: What it has that its share does not say; empty if it has just its share.
        address: The address of its node. The command looks it up.
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
    address: str | None = None

    @classmethod
    def read(cls, text: str) -> WorkerReport:
        """Read a report as Rust writes it, in JSON."""
        fields = json.loads(text)
        return cls(**{**fields, "differences": tuple(fields["differences"])})

    @classmethod
    def of_planned(cls, planned: _core.Worker, state: str) -> WorkerReport:
        """Return the report of a worker that did not answer.

        Args:
            planned: The worker.
            state: Its state.
        """
        return cls.read(_core.planned_report(planned, state))
