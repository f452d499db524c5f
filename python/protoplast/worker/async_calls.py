"""Divides the concurrent calls of async UDFs among the workers of a node.

Daft limits these calls for each process: to one batch of rows at a time, or to `max_concurrency`. With
one worker per core, a service would get as many times the calls as the node has cores. So each worker
takes the number of calls that Daft has handed it, divides it by the number of workers of its node that
have calls, and makes that many at once, but at least one (`calls_at_once` in Rust).

A worker that has calls holds a name in the abstract namespace of Unix sockets, by which the others
count it. The name is neither a file nor a port, and disappears with the process. In its first second
of calls, a worker counts all workers of the node, so that each has time to take its name.
"""

from __future__ import annotations

import asyncio
import collections
import functools
import logging
import socket
import time
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any

from protoplast import _core
from protoplast.seams import optional as optional_seams

logger = logging.getLogger(__name__)

# How long after its first call a worker counts all workers of its node, and how long after its last
# call it keeps its name, in seconds: the tasks of a query do not begin at the same moment, and a
# worker has no calls between two tasks.
SETTLE_S = 1.0

# How often waiting calls check whether another worker has become idle, in seconds.
_INTERVAL_S = 0.05


class Peers:
    """The workers of a node that have async calls.

    Args:
        fleet: A text that identifies the fleet and the node.
        workers: How many workers of the fleet the node has.
        index: The index of this worker on its node, counted from 0.
    """

    def __init__(self, fleet: str, workers: int, index: int) -> None:
        # A leading zero byte puts the name into the abstract namespace. Linux allows about 100 bytes.
        self._names = [f"\0{fleet[:90]}-{worker}" for worker in range(workers)]
        self._index = index
        self._held: socket.socket | None = None
        self._begun = 0.0
        self._counted = (0.0, 0)

    def announce(self) -> None:
        """Announce that this worker has calls."""
        if self._held is None:
            self._begun = time.monotonic()
            try:
                self._held = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                self._held.bind(self._names[self._index])
            except OSError as error:
                # The process may have no open files left, or the worker that this one replaces may
                # still be ending. No query fails because of it.
                logger.debug("worker with index %d cannot take its name: %s", self._index, error)

    def withdraw(self) -> None:
        """Announce that this worker has no calls any more."""
        if self._held is not None:
            self._held.close()
            self._held = None

    def count(self) -> int:
        """Return how many workers share the calls of the node, including this one."""
        now = time.monotonic()
        if now < self._begun + SETTLE_S:
            return len(self._names)
        when, counted = self._counted
        if now >= when + _INTERVAL_S:
            others = (name for index, name in enumerate(self._names) if index != self._index)
            counted = 1 + sum(map(_is_held, others))
            self._counted = (now, counted)
        return counted


def _is_held(name: str) -> bool:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as probe:
            return probe.connect_ex(name) == 0
    except OSError:  # At the limit of open files it is not known, so the worker counts.
        return True


class _FunctionCalls:
    """The calls of one async function: those that Daft has handed over, and those that run."""

    def __init__(self, peers: Peers) -> None:
        self.begun = 0
        self._peers = peers
        self._running = 0
        self._waiting: collections.deque[asyncio.Future[None]] = collections.deque()
        self._at_once = 1
        self._timer: asyncio.TimerHandle | None = None

    async def call(
        self,
        turns: set[asyncio.Future[None]],
        method: Callable[..., Awaitable[Any]],
        /,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        """Call a method as soon as another call may run.

        Args:
            turns: The waiting calls of the batch, which are cancelled together.
            method: The user's method.
            *args: The positional arguments of the method.
            **kwargs: The keyword arguments of the method.
        """
        if self._waiting or self._running >= self._at_once:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            turns.add(turn)
            self._look_again()
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._end()
                raise
            finally:
                turns.discard(turn)
        else:
            self._running += 1
        try:
            return await method(*args, **kwargs)
        finally:
            self._end()

    def admit(self) -> None:
        """Let as many waiting calls run as may run now."""
        self._at_once = _core.calls_at_once(self.begun, self._peers.count())
        while self._waiting and self._running < self._at_once:
            turn = self._waiting.popleft()
            if not turn.done():
                self._running += 1
                turn.set_result(None)

    def _end(self) -> None:
        self._running -= 1
        if self._waiting:
            self.admit()

    def _look_again(self) -> None:
        if self._timer is None and self._waiting:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_INTERVAL_S, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        self.admit()
        self._look_again()


class AsyncCallLimiter:
    """Limits the async calls of this process. Daft makes all on one event loop (0.6.9 to 0.7.26).

    Args:
        peers: The workers that share the calls of the node.
    """

    def __init__(self, peers: Peers) -> None:
        self._peers = peers
        self._functions: dict[Hashable, _FunctionCalls] = {}
        self._idle: asyncio.TimerHandle | None = None

    async def batch(self, original: Callable[..., Awaitable[Any]], calls: int, *args: Any) -> Any:
        """Run one batch through Daft's own function, with its calls limited.

        Args:
            original: Daft's own function, which takes a class, a method and more.
            calls: How many times the function calls the method.
            *args: The arguments of the function.
        """
        cls, method, *rest = args
        # Each task unpickles the function anew, so its name identifies it.
        key = (getattr(method, "__module__", None), getattr(method, "__qualname__", None))
        function = self._functions.setdefault(key, _FunctionCalls(self._peers))
        turns: set[asyncio.Future[None]] = set()
        self._begin()
        function.begun += calls
        function.admit()
        try:
            return await original(cls, functools.partial(function.call, turns, method), *rest)
        finally:
            for turn in turns:  # If one call fails, nobody needs the others.
                turn.cancel()
            function.begun -= calls
            if not function.begun:
                self._functions.pop(key, None)
            self._rest()

    def _begin(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        self._peers.announce()

    def _rest(self) -> None:
        if not self._functions:
            self._idle = asyncio.get_running_loop().call_later(SETTLE_S, self._peers.withdraw)


def limit(fleet: str, workers: int, index: int) -> None:
    """Limit the async calls of this worker to its share of the node's, from now on.

    Args:
        fleet: A text that identifies the fleet and the node.
        workers: How many workers of the fleet the node has.
        index: The index of this worker on its node, counted from 0.
    """
    found = optional_seams.async_calls() if workers > 1 else None
    if found is None:
        return
    calls = AsyncCallLimiter(Peers(fleet, workers, index))
    module, names = found
    for name, calls_of in names.items():
        setattr(module, name, _limited(calls, getattr(module, name), calls_of))


def _limited(
    calls: AsyncCallLimiter,
    original: Callable[..., Awaitable[Any]],
    calls_of: Callable[[Sequence[Any]], int],
) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(original)
    async def shared(*args: Any) -> Any:
        return await calls.batch(original, calls_of(args), *args)

    return shared
