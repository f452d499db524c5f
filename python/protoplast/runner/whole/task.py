"""A whole query in the form of one of Daft's tasks."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from protoplast.runner.messages import WholeQuery
from protoplast.seams import whole_plans
from protoplast.worker.whole_plans import WholePlan


@dataclass(frozen=True)
class Task:
    """Stands in for one of Daft's tasks."""

    query: WholeQuery
    inputs_of_tables: dict[int, list[Any]]

    def name(self) -> str:
        """Return the name that Ray shows."""
        return f"whole query {self.query.query_id}"

    def plan(self) -> WholePlan:
        """Return the plan, for a worker that runs whole plans."""
        query = self.query
        order = whole_plans.maintains_order(query.config)
        return WholePlan(query.plan, query.partitions, order, query.writes)

    def config(self) -> Any:
        """Return the `PyDaftExecutionConfig`."""
        return self.query.config

    def context(self) -> dict[str, str]:
        """Return the ids by which the worker knows the task."""
        # The fingerprint is that of no other plan, so that the worker can end this one alone.
        return {
            "query_id": self.query.query_id,
            "plan_fingerprint": str(secrets.randbits(63)),
            "task_id": "0",
        }

    def inputs(self) -> dict[int, Any]:
        """Return what each source scans."""
        return self.query.scans

    def psets(self) -> dict[int, list[Any]]:
        """Return the references of the in-memory tables that the other sources read."""
        return self.inputs_of_tables


@dataclass(frozen=True)
class Reference:
    """Stands in for Daft's `RayPartitionRef`, of which a task's input needs only the reference."""

    object_ref: Any
