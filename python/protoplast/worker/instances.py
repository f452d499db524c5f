"""The instances of class UDFs in this worker: each object of the driver is built once.

The driver marks each object that it sends with a tag (`driver.python_code.tags`), and Daft unpickles the
object anew for each task. Here all copies with the same tag share one instance. It is freed when the
queries that used it have ended, or after the time for which the layout keeps it.
"""

from __future__ import annotations

import collections
import functools
import threading
import time
import types
import weakref
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from protoplast import _core
from protoplast.worker.freeing import SECOND_LOOK_S, later, release_memory

# The attribute in which an object carries its tag.
TAG = "_protoplast_instance"

_NO_HEIRS: Mapping[str, Collection[str]] = types.MappingProxyType({})

# How many ended queries are remembered. A task that was cancelled can run on after its query has ended.
_ENDED_QUERIES = 1000


class InstanceTag(NamedTuple):
    """Marks an object of the driver whose instances workers share.

    Args:
        key: Names the object, for as long as the driver lives.
        query: The id of the query that uses it.
        is_cheap: Whether building it costs next to nothing, so that nobody has to watch it.
    """

    key: str
    query: str
    is_cheap: bool


class Observer(Protocol):
    """Hears what this worker builds."""

    def building(self, key: str) -> None:
        """Note that an instance is about to be built."""

    def built(self, key: str, seconds: float, grown: int, peak: int) -> None:
        """Note that an instance was built, in so many seconds and with so many bytes of memory."""

    def failed(self, key: str) -> None:
        """Note that an instance could not be built."""


@dataclass
class _Held:
    """The instance of one object."""

    # Reentrant, because the `__init__` of a class may use another object of the same query.
    lock: threading.RLock = field(default_factory=threading.RLock)
    is_built: bool = False
    instance: Any = None
    queries: set[str] = field(default_factory=set)
    # The objects that Daft has unpickled for tasks, and that refer to the instance.
    users: weakref.WeakSet[Any] = field(default_factory=weakref.WeakSet)
    # Until when an instance is kept that no query uses, in seconds of the monotonic clock.
    kept_until: float = 0.0


class Instances:
    """The shared instances of a process.

    Args:
        observer: Hears of each instance that costs something.
        let_go: Takes an instance that is to be freed and the objects that refer to it, which forget it.
            If a task has failed, Daft keeps the plan of the task, and so these objects, for as long as
            the worker lives (0.7.26).
    """

    def __init__(self, observer: Observer, let_go: Callable[[Any, list[Any]], None]) -> None:
        self._observer = observer
        self._let_go = let_go
        self._lock = threading.Lock()
        self._held: dict[str, _Held] = {}
        self._ended: collections.OrderedDict[str, None] = collections.OrderedDict()

    def get(self, tag: InstanceTag, build: Callable[[], Any], user: Any = None) -> Any:
        """Return the instance of an object, and build it if it is not there.

        Args:
            tag: The tag of the object.
            build: Builds the instance. Its error is raised, and the next call builds again.
            user: What will refer to the instance, if Daft itself does not.
        """
        with self._lock:
            if tag.query in self._ended:
                # A task that was cancelled still runs. What it builds is freed soon.
                held = _Held()
                later(SECOND_LOOK_S, functools.partial(self._drop, [held]))
            else:
                held = self._held.setdefault(tag.key, _Held())
                held.queries.add(tag.query)
        with held.lock:
            if not held.is_built:
                held.instance = build() if tag.is_cheap else self._measured(tag.key, build)
                held.is_built = True
            if user is not None:
                held.users.add(user)
            return held.instance

    def end_query(
        self, query: str, keep_s: float, heirs: Mapping[str, Collection[str]] = _NO_HEIRS
    ) -> None:
        """Free the instances that only this query uses.

        Args:
            query: The id of the query.
            keep_s: For how long an instance is kept that no query uses, in seconds.
            heirs: The ids of the queries that use an instance too, by the key of the instance. They may
                not have had a task here yet.
        """
        now = time.monotonic()
        with self._lock:
            self._ended[query] = None
            if len(self._ended) > _ENDED_QUERIES:
                self._ended.popitem(last=False)
            for key in heirs.keys() & self._held.keys():
                self._held[key].queries.update(set(heirs[key]) - self._ended.keys())
        self._leave(query, now + keep_s)
        self._free(now)
        if keep_s:
            later(keep_s, lambda: self._free(time.monotonic()))

    def _leave(self, query: str, keep_until: float) -> None:
        with self._lock:
            for held in self._held.values():
                if query in held.queries:
                    held.queries.discard(query)
                    held.kept_until = keep_until

    def drop(self, keys: list[str]) -> None:
        """Free these instances as soon as no query uses them, however long they were to be kept."""
        with self._lock:
            for key in keys:
                if key in self._held:
                    self._held[key].kept_until = 0.0
        self._free(time.monotonic())

    def _free(self, now: float) -> None:
        with self._lock:
            free = [
                key
                for key, held in self._held.items()
                if not held.queries and held.kept_until <= now
            ]
            dropped = [self._held.pop(key) for key in free]
        if dropped:
            self._drop(dropped)
            # After an error other tasks may still fail, and each error refers to an instance.
            later(SECOND_LOOK_S, release_memory)

    def _drop(self, dropped: list[_Held]) -> None:
        # The caller does not hold the lock, because the user's `__del__` may run.
        while dropped:
            held = dropped.pop()
            with held.lock:
                self._let_go(held.instance, list(held.users))
                held.instance = None
            del held
        release_memory()

    def _measured(self, key: str, build: Callable[[], Any]) -> Any:
        self._observer.building(key)
        _core.reset_peak_memory()
        before, peak_before = _core.memory_use()
        begun = time.monotonic()
        try:
            instance = build()
        except BaseException:
            self._observer.failed(key)
            raise
        seconds = time.monotonic() - begun
        after, peak = _core.memory_use()
        self._observer.built(key, seconds, max(0, after - before), max(0, peak - peak_before))
        return instance
