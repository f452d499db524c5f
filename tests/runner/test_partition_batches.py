"""Partitions leave the runner in order and in batches, and no earlier reader loses any of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from types import SimpleNamespace
from typing import Any

import pytest

from protoplast.runner import partition_batches
from protoplast.runner.drain import DrainedQueries
from protoplast.runner.partition_batches import BatchedStreams, PartitionBatches

# A batch waits for no more than what is ready, however slow this machine is.
SHORT_S = 0.01
LONG_S = 30.0


class Stream:
    """A query whose partitions are numbers, each there once it is let through."""

    def __init__(self, *partitions: Any, ready: int | None = None) -> None:
        self._partitions = [*partitions]
        self.gate = asyncio.Semaphore(len(partitions) + 1 if ready is None else ready)
        self.read = 0
        self.readers = 0

    async def __anext__(self) -> Any:
        self.readers += 1
        assert self.readers == 1, "only one reads at a time"
        try:
            await self.gate.acquire()
        finally:
            self.readers -= 1
        if self.read == len(self._partitions):
            return None
        found = self._partitions[self.read]
        self.read += 1
        if isinstance(found, BaseException):
            raise found
        return SimpleNamespace(object_ref=found, num_rows=found, size_bytes=1)

    def finish(self) -> str:
        return "statistics"


def rows(batch: Any) -> list[int] | None:
    if batch is None:
        return None
    one = batch.object_ref
    return [row for row, *_ in one] if isinstance(one, list) else [one]


async def read(batches: Any, calls: int) -> list[list[int] | None]:
    return [rows(await batches.__anext__()) for _ in range(calls)]


def run(scenario: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    return asyncio.run(asyncio.wait_for(scenario(), LONG_S))


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PartitionBatches, "_patience", lambda *_: SHORT_S)


def test_batches_grow_with_what_the_driver_has_had() -> None:
    async def scenario() -> Any:
        batches = PartitionBatches(Stream(*range(300)))
        return [*await read(batches, 10)]

    found = run(scenario)
    assert found.pop() is None
    assert [len(batch) for batch in found] == [1, 2, 6, 18, 54, 64, 64, 64, 27]
    assert [row for batch in found for row in batch] == list(range(300)), "in order"


def test_what_is_collected_comes_in_the_largest_batches() -> None:
    async def scenario() -> Any:
        batches = PartitionBatches(Stream(*range(130)))
        batches.is_collected = True
        return await read(batches, 4)

    assert [len(batch) for batch in run(scenario)] == [1, 64, 64, 1]


def test_the_first_partition_waits_for_no_other_and_nothing_is_read_ahead() -> None:
    async def scenario() -> Any:
        stream = Stream(*range(9))
        batches = PartitionBatches(stream)
        found = await read(batches, 1)
        await asyncio.sleep(SHORT_S)
        return [found, stream.read]

    assert run(scenario) == [[[0]], 1]


def test_between_calls_at_most_one_partition_more_is_read() -> None:
    async def scenario() -> Any:
        stream = Stream(*range(20), ready=2)
        batches = PartitionBatches(stream)
        found = await read(batches, 2)
        for _ in range(10):
            stream.gate.release()
        await asyncio.sleep(SHORT_S)
        return [found, stream.read, *await read(batches, 1)]

    assert run(scenario) == [[[0], [1]], 3, [2, 3, 4, 5]]


def test_a_batch_takes_what_comes_while_it_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PartitionBatches, "_patience", lambda *_: LONG_S)

    async def scenario() -> Any:
        stream = Stream(*range(3), ready=2)
        batches = PartitionBatches(stream)
        await read(batches, 1)
        waiting = asyncio.ensure_future(read(batches, 1))
        await asyncio.sleep(SHORT_S)
        stream.gate.release()
        return await waiting

    assert run(scenario) == [[1, 2]]


@pytest.mark.parametrize("end", [StopAsyncIteration(), None], ids=["raised", "returned"])
def test_the_end_is_none_and_statistics_are_the_stream_s_own(end: Any) -> None:
    async def scenario() -> Any:
        stream = Stream(0, 1) if end is None else Stream(0, 1, end, ready=9)
        batches = PartitionBatches(stream)
        return [*await read(batches, 4), batches.finish()]

    assert run(scenario) == [[0], [1], None, None, "statistics"]


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt("panic")], ids=repr)
def test_partitions_before_an_error_come_first(error: BaseException) -> None:
    async def scenario() -> Any:
        batches = PartitionBatches(Stream(0, 1, 2, error, 3))
        before = await read(batches, 2)
        with pytest.raises(type(error)) as raised:
            await batches.__anext__()
        assert raised.value is error
        return [before, await read(batches, 2)]

    assert run(scenario) == [[[0], [1, 2]], [[3], None]], "and what follows is as in the stream"


def test_two_readers_share_the_partitions_and_both_see_the_end() -> None:
    async def scenario() -> Any:
        stream = Stream(*range(9), ready=0)
        batches = PartitionBatches(stream)

        async def rest() -> list[Any]:
            found: list[Any] = []
            while batch := rows(await batches.__anext__()):
                found += batch
            return found

        reading = [asyncio.ensure_future(rest()) for _ in range(2)]
        for _ in range(10):
            await asyncio.sleep(0)
            stream.gate.release()
        return await asyncio.gather(*reading)

    one, other = run(scenario)
    assert sorted(one + other) == list(range(9))


def test_a_call_that_is_cancelled_loses_no_partition() -> None:
    async def scenario() -> Any:
        stream = Stream(0, 1, ready=1)
        batches = PartitionBatches(stream)
        await read(batches, 1)
        waiting = asyncio.ensure_future(read(batches, 1))
        await asyncio.sleep(SHORT_S)
        waiting.cancel()
        await asyncio.wait({waiting})
        stream.gate.release()
        return await read(batches, 1)

    assert run(scenario) == [[1]]


def test_a_cancelled_reader_ends_the_call() -> None:
    # A retired runner cancels whatever still waits in it.
    async def scenario() -> Any:
        batches = PartitionBatches(Stream(0, ready=0))
        waiting = asyncio.ensure_future(read(batches, 1))
        await asyncio.sleep(SHORT_S)
        assert batches._reader is not None
        batches._reader.cancel()
        await asyncio.wait({waiting})
        return waiting.cancelled()

    assert run(scenario) is True


def test_an_abandoned_query_is_drained_where_its_last_call_waits() -> None:
    async def scenario() -> Any:
        stream = Stream(*range(9), ready=1)
        actor = SimpleNamespace(curr_plans={"7": None}, curr_result_gens=BatchedStreams())
        actor.curr_result_gens["7"] = stream
        batches = actor.curr_result_gens["7"]
        await read(batches, 1)
        last_call = asyncio.ensure_future(read(batches, 1))
        await asyncio.sleep(SHORT_S)
        drained = DrainedQueries()
        drained.add(actor, "7", writes=False)
        assert "7" in drained
        for _ in range(9):
            stream.gate.release()
        while "7" in drained:
            await asyncio.sleep(SHORT_S)
        await last_call
        return [stream.read, actor.curr_plans, dict(actor.curr_result_gens)]

    assert run(scenario) == [9, {}, {}]


def test_a_drain_can_be_stopped() -> None:
    async def scenario() -> Any:
        actor = SimpleNamespace(curr_plans={"7": None}, curr_result_gens=BatchedStreams())
        actor.curr_result_gens["7"] = Stream(0, ready=0)
        drained = DrainedQueries()
        drained.add(actor, "7", writes=False)
        await asyncio.sleep(SHORT_S)
        drained.stop()
        while "7" in drained:
            await asyncio.sleep(SHORT_S)
        return actor.curr_plans

    assert run(scenario) == {"7": None}, "its tasks may still run"


def test_a_call_that_comes_after_the_drain_has_begun_elsewhere_is_refused() -> None:
    batches = PartitionBatches(Stream(0, 1))
    asyncio.run(read(batches, 1))
    with pytest.raises(RuntimeError, match="abandoned"):
        asyncio.run(read(batches, 1))


def test_a_batch_waits_in_proportion_to_the_time_that_the_query_took() -> None:
    batches = PartitionBatches(Stream.__new__(Stream))
    batches._began = 100.0
    at: Callable[[float], Any] = lambda now: SimpleNamespace(time=lambda: now)  # noqa: E731
    assert ORIGINAL(batches, at(101.0)) == pytest.approx(partition_batches._PATIENCE)
    assert ORIGINAL(batches, at(1000.0)) == partition_batches._LONGEST_PATIENCE_S
    batches.is_collected = True
    assert ORIGINAL(batches, at(101.0)) == partition_batches._PATIENCE_OF_COLLECT_S


ORIGINAL: Any = PartitionBatches._patience
