"""Lets the threads of a worker call the instance of a `@daft.udf` class one after the other.

On Daft's own workers each thread builds an instance of such a class for itself, so no instance is called
by two threads at once, and its code need not be safe for that. Here the threads share one instance.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable
from typing import Any

from protoplast import _core
from protoplast.worker.freeing import SECOND_LOOK_S, later, let_go, release_memory

# How long a waiting thread sleeps before it looks at the GIL, in seconds, and how late it may wake up if
# nobody holds the GIL. Python code gives the GIL away every 5 ms (`sys.getswitchinterval`).
_LOOK_S = 0.002
_LATE_S = 0.002


class SharedInstance:
    """Calls an instance for one thread at a time.

    Code that releases the GIL could run in several threads at once. So if threads have waited for longer
    than it takes to build an instance, while nobody held the GIL, one more is built, but at most one for
    each thread, as Daft does.

    Args:
        build: Builds an instance.
        threads: How many threads the worker has.
    """

    def __init__(self, build: Callable[[], Any], threads: int) -> None:
        self._build = build
        self._threads = threads
        self._turn = threading.Condition()
        # One thread never needs a second instance, and measuring memory takes time.
        before = _core.memory_use()[0] if threads > 1 else 0
        begun = time.monotonic()
        first = build()
        self._seconds = time.monotonic() - begun
        self._bytes = max(0, _core.memory_use()[0] - before) if threads > 1 else 0
        self._free = [first]
        self._count = 1
        # What `repr` shows, and how often the instances were let go.
        self._text = repr(first)
        self._generation = 0
        # Whether the instances will be let go soon, which a task has built that has outlived its query.
        self._leaves = False
        # How long a thread has waited while nobody held the GIL, less the time while somebody did. One
        # thread at a time looks, because each that wakes up takes the GIL away for a moment.
        self._waited_s = 0.0
        self._is_looking = False
        self._of_thread = threading.local()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call an instance that no other thread calls."""
        own = getattr(self._of_thread, "instance", None)
        if own is not None:  # The instance has called itself.
            return own(*args, **kwargs)
        instance, generation = self._take()
        self._of_thread.instance = instance
        try:
            return instance(*args, **kwargs)
        finally:
            self._of_thread.instance = None
            with self._turn:
                if generation != self._generation:
                    later(SECOND_LOOK_S, functools.partial(_free, [instance]))
                else:
                    self._free.append(instance)
                    if generation > 0 and not self._leaves:
                        # The query has ended, so nobody will let this instance go.
                        self._leaves = True
                        later(SECOND_LOOK_S, self._leave)
                self._turn.notify()

    def __repr__(self) -> str:
        """Return the text of an instance, which Daft's errors show."""
        return self._text

    def let_go(self) -> list[Any]:
        """Forget the instances, and return them. Daft may hold this object after the query has ended."""
        with self._turn:
            instances, self._free = self._free, []
            self._count = 0
            self._generation += 1
            self._turn.notify_all()
        return instances

    def _leave(self) -> None:
        self._leaves = False
        _free(self.let_go())

    def _take(self) -> tuple[Any, int]:
        """Return an instance that no other thread has, and the generation that it is of."""
        with self._turn:
            try:
                while not self._free and not self._pays():
                    if self._is_looking:
                        self._turn.wait()
                    else:
                        self._look()
                generation = self._generation
                if self._free:
                    return self._free.pop(), generation
                self._waited_s = 0.0
                self._count += 1
            finally:
                self._turn.notify()  # If this thread has looked, another one does now.
        try:
            return self._build(), generation
        except BaseException:
            with self._turn:
                if generation == self._generation:
                    self._count -= 1
            raise

    def _look(self) -> None:
        """Wait for a moment, and see whether somebody holds the GIL. The caller holds the lock."""
        self._is_looking = True
        begun = time.monotonic()
        try:
            is_over = self._turn.wait(_LOOK_S)
        finally:
            self._is_looking = False
        if not is_over:
            is_late = time.monotonic() - begun > _LOOK_S + _LATE_S
            self._waited_s = max(0.0, self._waited_s + (-_LOOK_S if is_late else _LOOK_S))

    def _pays(self) -> bool:
        if self._count == 0:  # The instances were let go, and a task of the ended query still runs.
            return True
        if self._count == self._threads or self._waited_s <= self._seconds:
            return False
        if not _core.has_room(self._bytes):
            self._waited_s = 0.0  # Asking again at once would cost time.
            return False
        return True


def _free(instances: list[Any]) -> None:
    let_go(instances)
    instances.clear()
    release_memory()
