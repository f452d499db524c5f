"""Lets the threads of a worker call the instance of a `@daft.udf` class one after the other.

On Daft's own workers each thread builds an instance of such a class for itself, so no instance is called
by two threads at once, and its code need not be safe for that. Here the threads share one instance.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from protoplast import _core

# How long a waiting thread sleeps before it looks at the GIL, in seconds, and how late it may wake up if
# nobody holds the GIL. Python code gives the GIL away every 5 ms (`sys.getswitchinterval`).
_LOOK_S = 0.01
_LATE_S = 0.002
_LATE_WEIGHT = 3


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
        before, _ = _core.memory_use()
        begun = time.monotonic()
        self._first = build()
        self._seconds = time.monotonic() - begun
        self._bytes = max(0, _core.memory_use()[0] - before)
        self._free = [self._first]
        self._count = 1
        self._waited_s = 0.0
        self._of_thread = threading.local()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call an instance that no other thread calls."""
        own = getattr(self._of_thread, "instance", None)
        if own is not None:  # The instance has called itself.
            return own(*args, **kwargs)
        instance = self._of_thread.instance = self._take()
        try:
            return instance(*args, **kwargs)
        finally:
            self._of_thread.instance = None
            with self._turn:
                self._free.append(instance)
                self._turn.notify()

    def __repr__(self) -> str:
        """Return the text of an instance, which Daft's errors show."""
        return repr(self._first)

    def _take(self) -> Any:
        with self._turn:
            while not self._free:
                begun = time.monotonic()
                self._turn.wait(_LOOK_S)
                passed = time.monotonic() - begun
                # A thread that wakes up in time saw nobody hold the GIL. If several threads wait, some
                # do so by chance, so those that wake up late count more.
                is_late = passed > _LOOK_S + _LATE_S
                self._waited_s = max(
                    0.0, self._waited_s + passed * (-_LATE_WEIGHT if is_late else 1)
                )
                if not self._free and self._pays():
                    self._waited_s = 0.0
                    self._count += 1
                    break
            else:
                return self._free.pop()
        try:
            return self._build()
        except BaseException:
            with self._turn:
                self._count -= 1
            raise

    def _pays(self) -> bool:
        return (
            self._count < self._threads
            and self._waited_s > self._seconds
            and _core.has_room(self._bytes)
        )
