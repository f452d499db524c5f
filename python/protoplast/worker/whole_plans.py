"""Runs the plan of a whole query in the process of a worker.

Daft's worker runs the local plans of tasks and does not keep the order of their rows. A whole query
needs the order that Daft's native runner keeps, ends if the memory of the node runs short, unless it
writes, and leaves as many partitions as the next query has use for. So a stand-in is put before the
worker's executor, which all other plans pass through.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from protoplast import _core
from protoplast.seams import whole_plans

logger = logging.getLogger(__name__)

# If less than one of this many parts of the node's memory is available, the query ends.
_PARTS_OF_MEMORY = 10

# How often the memory of the node is looked at, in seconds.
_INTERVAL_S = 0.25

# Results are put together to partitions of this many bytes, as Daft's worker does.
_PARTITION_BYTES = 64 << 20

# A partition of that size is cut into at most this many, if the results are to have more partitions.
_MOST_PIECES = 8


class MemoryShortError(Exception):
    """A whole query was ended because the memory of its node ran short."""


@dataclass(frozen=True)
class WholePlan:
    """The local plan of a whole query, as a worker gets it.

    Args:
        plan: The `LocalPhysicalPlan`.
        partitions: How many partitions the results are to have, if they have as many rows.
        maintain_order: Whether rows keep their order.
        writes: Whether the query writes, so that it runs on if memory runs short.
    """

    plan: Any
    partitions: int
    maintain_order: bool
    writes: bool

    def has_partitioned_output(self) -> bool:
        """Return True, so that Daft's worker does not put results together itself."""
        return True


def run_whole_plans(actor: Any) -> None:
    """Have a worker run whole plans from now on, besides the tasks that Daft sends.

    Args:
        actor: The instance of `RaySwordfishActor`.
    """
    if not isinstance(actor.native_executor, _Executor):
        actor.native_executor = _Executor(actor.native_executor)


class _Executor:
    """Stands before the executor of a worker."""

    def __init__(self, executor: Any) -> None:
        self._executor = executor

    def __getattr__(self, name: str) -> Any:
        return getattr(self._executor, name)

    def run(self, plan: Any, context: Any, number: int, inputs: Any, of: Any, order: bool) -> Any:
        if isinstance(plan, WholePlan):
            return _begun(self._executor, plan, context, number, inputs, of)
        return self._executor.run(plan, context, number, inputs, of, order)


async def _begun(
    executor: Any, whole: WholePlan, context: Any, number: int, inputs: Any, of: Mapping[str, str]
) -> _Results:
    results = _Results(executor, int(of["plan_fingerprint"]), whole)
    try:
        results.stream = await executor.run(
            whole.plan, context, number, inputs, of, whole.maintain_order
        )
    except BaseException:  # Such as the end of the query.
        results.stop()
        raise
    return results


class _Results:
    """The results of a whole plan, in the form in which Daft's worker reads those of any plan."""

    def __init__(self, executor: Any, fingerprint: int, whole: WholePlan) -> None:
        self.stream: Any = None
        self._executor = executor
        self._fingerprint = fingerprint
        self._partitions = whole.partitions
        self._writes = whole.writes
        self._has_ended = False

    def __del__(self) -> None:
        # Daft's executor would run a plan to its end that nobody reads, and keep it for ever.
        self.stop()

    def stop(self) -> None:
        """Stop the plan if it still runs."""
        if not self._has_ended:
            self._has_ended = True
            with contextlib.suppress(Exception):
                self._executor.cancel_plan(self._fingerprint)

    async def __aiter__(self) -> AsyncIterator[Any]:
        left = self._partitions
        held: list[Any] = []
        held_bytes = 0
        while (partition := await self._next()) is not None:
            held.append(partition)
            held_bytes += whole_plans.size_bytes(partition) or _PARTITION_BYTES
            if held_bytes >= _PARTITION_BYTES:
                for piece in _cut(held, min(left, _MOST_PIECES)):
                    yield piece
                    left -= 1
                held, held_bytes = [], 0
        if held:
            for piece in _cut(held, left if left == self._partitions else min(left, _MOST_PIECES)):
                yield piece

    async def try_finish(self) -> whole_plans.WholeStats:
        """End the plan and return its statistics. Raises the error of the plan if it has failed."""
        try:
            stats = await self.stream.try_finish()
        except BaseException:
            self.stop()
            raise
        self._has_ended = True
        return whole_plans.WholeStats(stats)

    async def _next(self) -> Any:
        following = asyncio.ensure_future(self.stream.__anext__())
        try:
            while not (await asyncio.wait([following], timeout=_INTERVAL_S))[0]:
                if not self._writes:
                    _check_memory()
            return following.result()
        except BaseException:
            following.cancel()
            self.stop()
            raise


def _cut(held: list[Any], pieces: int) -> list[Any]:
    return whole_plans.cut(whole_plans.concat(held), pieces)


def _check_memory() -> None:
    available, total = _core.available_memory()
    if available < total // _PARTS_OF_MEMORY:
        raise MemoryShortError(f"{available >> 20} of {total >> 20} MiB of memory are available")
