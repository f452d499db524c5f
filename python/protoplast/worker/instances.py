"""The instances of class UDFs in this worker: each object of the driver is built once.

The driver marks each object that it sends with a tag (`driver.instances.tags`), and Daft unpickles the
object anew for each task. Here all copies with the same tag share one instance. It is freed when the
queries that used it have ended, or after the time for which the layout keeps it.
"""

from __future__ import annotations

import collections
import gc
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from protoplast import _core
from protoplast.seams import runner_actor

# The attribute in which an object carries its tag.
TAG = "_protoplast_instance"

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
    # Until when an instance is kept that no query uses, in seconds of the monotonic clock.
    kept_until: float = 0.0


class Instances:
    """The shared instances of a process.

    Args:
        observer: Hears of each instance that costs something.
    """

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._lock = threading.Lock()
        self._held: dict[str, _Held] = {}
        self._ended: collections.OrderedDict[str, None] = collections.OrderedDict()

    def get(self, tag: InstanceTag, build: Callable[[], Any]) -> Any:
        """Return the instance of an object, and build it if it is not there.

        Args:
            tag: The tag of the object.
            build: Builds the instance. Its error is raised, and the next call builds again.
        """
        with self._lock:
            if tag.query in self._ended:
                held = _Held()  # Nobody would free it.
            else:
                held = self._held.setdefault(tag.key, _Held())
                held.queries.add(tag.query)
        with held.lock:
            if not held.is_built:
                held.instance = build() if tag.is_cheap else self._measured(tag.key, build)
                held.is_built = True
            return held.instance

    def end_query(self, query: str, keep_s: float) -> None:
        """Free the instances that only this query has used.

        Args:
            query: The id of the query.
            keep_s: For how long an instance is kept that no query uses, in seconds.
        """
        now = time.monotonic()
        with self._lock:
            self._ended[query] = None
            if len(self._ended) > _ENDED_QUERIES:
                self._ended.popitem(last=False)
        self._leave(query, now + keep_s)
        self._free(now)
        if keep_s:
            timer = threading.Timer(keep_s, lambda: self._free(time.monotonic()))
            timer.daemon = True
            timer.start()

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
            # Outside the lock, because the user's `__del__` may run.
            dropped.clear()
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


def release_memory() -> None:
    """Give the memory of dropped objects back, also that of objects that refer to each other.

    PyTorch keeps the memory of a GPU for later tensors until it is told to free it.
    """
    runner_actor.release_dropped()
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.empty_cache()
