"""A worker makes its share of the async calls while other workers of its node have some; no Ray runs."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from protoplast.worker import async_calls
from protoplast.worker.async_calls import AsyncCallLimiter, Peers

WORKERS = 4


@pytest.fixture
def nodes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], Peers]]:
    """Makes the view of each worker of a node on which all have had time to take their names."""
    monkeypatch.setattr(async_calls, "SETTLE_S", 0.0)
    monkeypatch.setattr(async_calls, "_INTERVAL_S", 0.01)
    fleet = uuid.uuid4().hex
    made = []

    def node(index: int) -> Peers:
        made.append(Peers(fleet, WORKERS, index))
        return made[-1]

    yield node
    for one in made:
        one.withdraw()


class Counted:
    """A method that counts how often it runs at once."""

    def __init__(self, takes_s: float = 0.01) -> None:
        self.now = self.most = self.all = 0
        self._takes_s = takes_s

    async def __call__(self, row: int, **kwargs: Any) -> Any:
        self.now += 1
        self.all += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(self._takes_s)
        self.now -= 1
        if row < 0:
            raise ValueError(row)
        return kwargs.get("method", row)


async def as_daft(cls: Any, method: Any, rows: list[int], **kwargs: Any) -> list[Any]:
    """Call the method as Daft does it for a batch of rows."""
    return await asyncio.gather(*(method(row, **kwargs) for row in rows))


def batch(calls: AsyncCallLimiter, method: Any, rows: int) -> Any:
    return calls.batch(as_daft, rows, None, method, list(range(rows)))


def test_a_worker_makes_its_share_of_the_calls_while_others_have_some(nodes: Any) -> None:
    for index in (1, 2, 3):
        nodes(index).announce()
    counted = Counted()
    assert asyncio.run(batch(AsyncCallLimiter(nodes(0)), counted, 40)) == list(range(40))
    assert counted.most == 10


def test_a_worker_alone_makes_all_calls_at_once(nodes: Any) -> None:
    counted = Counted()
    asyncio.run(batch(AsyncCallLimiter(nodes(0)), counted, 40))
    assert counted.most == 40


def test_one_call_at_least_is_made(nodes: Any) -> None:
    for index in (1, 2, 3):
        nodes(index).announce()
    counted = Counted()
    asyncio.run(batch(AsyncCallLimiter(nodes(0)), counted, 2))
    assert (counted.most, counted.all) == (1, 2)


def test_batches_at_once_have_the_share_of_all_their_calls(nodes: Any) -> None:
    nodes(1).announce()
    counted = Counted()
    calls = AsyncCallLimiter(nodes(0))

    async def several() -> None:
        await asyncio.gather(*(batch(calls, counted, 1) for _ in range(9)))

    asyncio.run(several())
    assert (counted.most, counted.all) == (5, 9)


def test_calls_that_wait_run_when_another_worker_becomes_idle(nodes: Any) -> None:
    other = nodes(1)
    other.announce()
    counted = Counted(takes_s=0.3)

    async def until_idle() -> None:
        asyncio.get_running_loop().call_later(0.05, other.withdraw)
        await batch(AsyncCallLimiter(nodes(0)), counted, 10)

    asyncio.run(until_idle())
    assert counted.most == 10


def test_until_all_have_begun_every_worker_is_counted(
    nodes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(async_calls, "SETTLE_S", 60.0)
    counted = Counted()
    asyncio.run(batch(AsyncCallLimiter(nodes(0)), counted, 40))
    assert counted.most == 10


def test_a_name_that_is_still_held_fails_no_call(nodes: Any) -> None:
    nodes(0).announce()
    counted = Counted()
    assert asyncio.run(batch(AsyncCallLimiter(nodes(0)), counted, 4)) == list(range(4))


def test_functions_have_a_share_each(nodes: Any) -> None:
    nodes(1).announce()
    calls = AsyncCallLimiter(nodes(0))
    counted = Counted()

    async def first(row: int) -> Any:
        return await counted(row)

    async def second(row: int) -> Any:
        return await counted(row)

    async def both() -> None:
        await asyncio.gather(batch(calls, first, 8), batch(calls, second, 8))

    asyncio.run(both())
    assert counted.most == 8


def test_an_error_reaches_daft_and_the_next_batch_runs(nodes: Any) -> None:
    for index in (1, 2, 3):
        nodes(index).announce()
    calls = AsyncCallLimiter(nodes(0))
    counted = Counted()

    async def failing() -> Any:
        with pytest.raises(ValueError, match="-1"):
            await calls.batch(as_daft, 8, None, counted, [-1] * 8)
        return await batch(calls, counted, 8)

    assert asyncio.run(failing()) == list(range(8))
    assert counted.all <= 2 + 2 + 8, "after the error no more calls of its batch begin"


def test_a_batch_that_is_cancelled_leaves_the_next_one_its_share(nodes: Any) -> None:
    for index in (1, 2, 3):
        nodes(index).announce()
    calls = AsyncCallLimiter(nodes(0))
    counted = Counted()

    async def cancelled() -> Any:
        task = asyncio.ensure_future(calls.batch(as_daft, 8, None, Counted(60.0), [1] * 8))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return await asyncio.wait_for(batch(calls, counted, 8), 10)

    assert asyncio.run(cancelled()) == list(range(8))
    assert counted.most == 2


def test_a_users_own_argument_named_method_is_passed_on(nodes: Any) -> None:
    async def with_method(cls: Any, method: Any) -> Any:
        return await method(1, method="POST")

    answer = asyncio.run(AsyncCallLimiter(nodes(0)).batch(with_method, 1, None, Counted()))
    assert answer == "POST"


def test_a_name_is_given_up_when_there_are_no_more_calls(nodes: Any) -> None:
    other = nodes(1)
    other.announce()

    async def then_idle() -> list[int]:
        calls = AsyncCallLimiter(nodes(0))
        await batch(calls, Counted(), 4)
        during = other.count()
        await asyncio.sleep(0.05)
        return [during, other.count()]

    # The name is held on for SETTLE_S, which is nothing here, at the loop's next turn.
    assert asyncio.run(then_idle())[-1] == 1
