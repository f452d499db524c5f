"""The report of one worker: its planned share, and what its process says about itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from protoplast import _core
from protoplast.worker.gil import GilCounters


@dataclass(frozen=True)
class WorkerReport:
    """One worker of a fleet, with its planned share and what its process reports about itself.

    Args:
        worker_id: The id of the worker, `{NodeID}_cpu_{cpu_index}`. Under `per-node` it is the `NodeID`.
        node_id: The `NodeID` of the node that the process says it runs on, or that of the plan if the
            worker did not answer.
        pid: The process id on that node, or None if the worker did not answer.
        cpus: The number of CPUs that Daft schedules on the worker.
        gpus: The number of GPUs that Daft schedules on the worker.
        memory_bytes: The worker's share of its node's memory, in bytes.
        state: `alive`; `starting` if Ray is still starting it; `dead`; `silent` if it did not answer in
            time; or `failed` if it could not be started and will be tried again.
        memory_limit_bytes: The most memory that Daft gives the tasks of this worker, in bytes: its
            `DAFT_MEMORY_LIMIT`. None if it has no limit or did not answer.
        rss_bytes: The resident memory of the process now, in bytes, or None if the worker did not
            answer.
        pss_bytes: The resident memory of the process now, in bytes, in which a page that several
            processes share counts in part for each. None if that is not known.
        threads: The number of threads that the process has now, or None if the worker did not answer.
        cpus_allowed: The CPUs that the process may run on, as the kernel lists them (`0-3,8`), or None
            if the worker did not answer.
        environment: The environment variables that make up the worker's share, with their values in the
            process, and `CUDA_VISIBLE_DEVICES`.
        differences: How the process differs from its planned share, one sentence each. Empty if it does
            not.
        address: The address of the node. Only the command `protoplast status` looks it up.
        gil: What was counted of the GIL of the process since the worker was set up; `gil.held` is the
            part of the time in which a thread held it, 0 to 1. None if it is not watched or the worker
            did not answer.
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
    gil: GilCounters | None = None

    @classmethod
    def read(cls, text: str) -> WorkerReport:
        """Return the report that Rust has written as JSON.

        Args:
            text: The JSON.
        """
        fields = json.loads(text)
        gil = fields["gil"] and GilCounters(**fields["gil"])
        return cls(**{**fields, "differences": tuple(fields["differences"]), "gil": gil})

    @classmethod
    def of_planned(cls, planned: _core.Worker, state: str) -> WorkerReport:
        """Return the report of a worker that did not answer.

        Args:
            planned: The planned worker.
            state: The state of the worker, such as `silent`.
        """
        return cls.read(_core.planned_report(planned, state))
