"""Hands the partitions of a query to the driver many at once, in the process of a runner.

Daft's driver asks for one partition a call, and `RemoteFlotillaRunner.get_next_partition` reads one from
the query's stream. The streams that stand here read several and give them out as one partition, which
the driver takes apart. Daft's own code stays in use on both sides.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from protoplast.seams import partition_results

# The most partitions in a batch. The references of so many are sent within the answer of a call, which
# Ray limits to 100 KiB (`max_direct_call_object_size`).
_MOST = 64

# How many partitions a batch may have for each one that the driver has had. A user who stops reading has
# then not caused much more to be read than what was used.
_GROWTH = 2

# How long a batch waits for more partitions: as a part of the time since the query began, and at most,
# in seconds. A partition then comes at most this part later than it was ready.
_PATIENCE = 0.02
_LONGEST_PATIENCE_S = 0.1

# How long a batch waits if the driver wants all partitions before it does anything with them, in
# seconds. The end of the query and its errors end the wait.
_PATIENCE_OF_COLLECT_S = 1.0


class PartitionBatches:
    """The partitions of a query, in batches.

    The first batch has one partition, and nothing is read ahead of it. A later batch has those that are
    ready or about to be. While no batch is asked for, at most one partition more is read.

    All reading happens on one event loop, which is that of the actor.

    Args:
        stream: The partitions. Its `__anext__` returns a partition, and at the end returns None or
            raises `StopAsyncIteration`. Its `finish`, if this Daft calls it, returns statistics.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._began: float | None = None
        self._ready: list[Any] = []
        self._handed_over = 0
        self._error: BaseException | None = None
        self._has_ended = False
        # Reads until this many partitions are ready. Between batches it may wait for one partition more,
        # because cancelling it then could lose that partition.
        self._reader: asyncio.Task[None] | None = None
        self._wanted = 0
        # Whether the driver wants all partitions before it does anything with them.
        self.is_collected = False
        # The loop on which partitions are read, or None if that is not known yet.
        self.loop: asyncio.AbstractEventLoop | None = None
        with contextlib.suppress(RuntimeError):  # Ray runs `__ray_call__` without an event loop.
            self._bind(asyncio.get_running_loop())

    async def __anext__(self) -> Any:
        """Return the next batch as one partition, or None at the end.

        Raises:
            RuntimeError: The partitions are read on another event loop, by the drain.
        """
        loop = asyncio.get_running_loop()
        self._bind(loop)
        while True:
            await self._read_until(1)
            if self._handed_over:
                await self._read_until(self._most(), self._patience(loop))
            # An abandoned query has two readers for a moment: the driver's last call, and the drain.
            if self._ready:
                return self._batch()
            if self._error is not None:
                error, self._error = self._error, None
                raise error
            if self._has_ended:
                return None

    def finish(self) -> Any:
        """Return what the stream's own `finish` returns."""
        return self._stream.finish()

    def _bind(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._began is None:
            self.loop, self._began = loop, loop.time()
        if self.loop is not loop:
            raise RuntimeError("this query was abandoned, and its partitions are thrown away")

    def _most(self) -> int:
        return _MOST if self.is_collected else min(_MOST, _GROWTH * self._handed_over)

    def _patience(self, loop: asyncio.AbstractEventLoop) -> float:
        if self.is_collected:
            return _PATIENCE_OF_COLLECT_S
        assert self._began is not None
        return min(_LONGEST_PATIENCE_S, _PATIENCE * (loop.time() - self._began))

    def _batch(self) -> Any:
        batch, self._ready = self._ready, []
        self._handed_over += len(batch)
        return batch[0] if len(batch) == 1 else partition_results.packed(batch)

    async def _read_until(self, wanted: int, timeout: float | None = None) -> None:
        if self._has_ended or self._error is not None or len(self._ready) >= wanted:
            return
        self._wanted = wanted
        if self._reader is None or self._reader.done():
            self._reader = asyncio.get_running_loop().create_task(self._read())
        try:
            await asyncio.wait({self._reader}, timeout=timeout)
        finally:
            self._wanted = 0

    async def _read(self) -> None:
        try:
            while len(self._ready) < self._wanted:
                partition = await self._stream.__anext__()
                if partition is None:
                    self._has_ended = True
                    return
                self._ready.append(partition)
        except StopAsyncIteration:
            self._has_ended = True
        except BaseException as error:  # A panic in Daft's Rust code is not an Exception.
            # The partitions before it come first.
            self._error = error


def stream_of(found: Any) -> Any:
    """Return the stream of a query whose partitions may come in batches.

    Args:
        found: What stands in the runner for the query.
    """
    return found._stream if isinstance(found, PartitionBatches) else found


class BatchedStreams(dict[str, Any]):
    """The streams of a runner's queries by the id of the plan, each in batches if Daft can read them.

    Whether it can is found out with the first query, whose workers start meanwhile.
    """

    def __setitem__(self, plan_id: str, stream: Any) -> None:
        """Put in the stream of a query."""
        batches = partition_results.BATCHES.is_available()
        super().__setitem__(plan_id, PartitionBatches(stream) if batches else stream)
