"""The calls of async UDFs that a worker makes at once are its share of those of its node.

Daft limits them for a process: one batch of rows at a time, or as many as `max_concurrency` says. With
a worker a core each would have all of that, and a service as many times the calls. So a worker makes
those that Daft asks it for divided by the workers of its node that have some, and one at least
(`calls_at_once` in Rust).

Which workers have some is told by a name that each holds meanwhile, in the abstract namespace of Unix
sockets: it is no file and no port, and goes with the process. Until all have had time to take theirs,
every worker of the node is counted.
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

# How long after its first call a worker counts all of its node, in seconds, and how long after its last
# one it holds its name: the tasks of a query do not begin at the same moment, and between two of them a
# worker has no calls.
SETTLE_S = 1.0

# How often calls that wait look whether another worker has become idle, in seconds.
_INTERVAL_S = 0.05


class Peers:
    """The workers of a node that have async calls.

    Args:
        fleet: What tells the fleet and the node from others.
        workers: How many workers of the fleet the node has.
        index: Which of them this process is, counted from 0.
    """

    def __init__(self, fleet: str, workers: int, index: int) -> None:
        # What begins with a zero is no file. A name has some hundred bytes at most.
        self._names = [f"\0{fleet[:90]}-{worker}" for worker in range(workers)]
        self._index = index
        self._held: socket.socket | None = None
        self._begun = 0.0
        self._counted = (0.0, 0)

    def announce(self) -> None:
        """Say that this worker has calls."""
        if self._held is None:
            self._begun = time.monotonic()
            try:
                self._held = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                self._held.bind(self._names[self._index])
            except OSError as error:
                # Such as at the limit of open files, or while the process that had this place before
                # still ends. No query fails for it.
                logger.debug("worker %d of its node cannot hold its name: %s", self._index, error)

    def withdraw(self) -> None:
        """Say that it has none."""
        if self._held is not None:
            self._held.close()
            self._held = None

    def count(self) -> int:
        """Return how many workers share the calls of the node, this one among them."""
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
    except OSError:  # At the limit of open files it is not known.
        return True


class _FunctionCalls:
    """One async function: what Daft has asked for, and what runs of it."""

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
        """Call a method when it is its turn.

        Args:
            turns: Those that its batch waits for, to be cancelled with it.
            method: The user's.
            *args: What it takes.
            **kwargs: The same.
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
        """Let through what may run now."""
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
    """The async calls of this process. Daft makes all of them on one event loop (0.6.9 to 0.7.26).

    Args:
        peers: The workers that share the calls of the node.
    """

    def __init__(self, peers: Peers) -> None:
        self._peers = peers
        self._functions: dict[Hashable, _FunctionCalls] = {}
        self._idle: asyncio.TimerHandle | None = None

    async def batch(self, original: Callable[..., Awaitable[Any]], calls: int, *args: Any) -> Any:
        """Run a batch of Daft's in which its method is called so many times.

        Args:
            original: Daft's own function, which takes a class, a method and more.
            calls: How many times it calls the method.
            *args: What it takes.
        """
        cls, method, *rest = args
        # Each task has objects of its own of the same function.
        key = (getattr(method, "__module__", None), getattr(method, "__qualname__", None))
        function = self._functions.setdefault(key, _FunctionCalls(self._peers))
        turns: set[asyncio.Future[None]] = set()
        self._begin()
        function.begun += calls
        function.admit()
        try:
            return await original(cls, functools.partial(function.call, turns, method), *rest)
        finally:
            for turn in turns:  # After an error of one call nobody wants the others.
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
    """Have this worker make its share of the async calls of its node from now on.

    Args:
        fleet: What tells the fleet and the node from others.
        workers: How many workers of the fleet the node has.
        index: Which of them this process is, counted from 0.
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
