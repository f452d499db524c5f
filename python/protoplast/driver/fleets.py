"""The fleets of this process, one for each layout that queries run under.

A query runs on one fleet from its beginning to its end, whatever layouts are applied or rolled back
meanwhile. `Fleets` retires a fleet that no layout in force asks for: the workers end, and the runner,
which owns the results of its queries, ends when nothing refers to those results any more. Until then
the next query under the same layout may resume it.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Iterator
from typing import Any

from protoplast import _core
from protoplast.driver.fleet import Fleet
from protoplast.seams import daft as daft_seams

logger = logging.getLogger(__name__)

# How long a query waits for an abandoned query to end before it gets new workers, in seconds: about as
# long as new workers take to start. `show()` abandons a query that has next to nothing left to do.
REST_PATIENCE_S = 2.0

# How often a waiting query checks whether the abandoned one has ended, in seconds.
_REST_INTERVAL_S = 0.05


class Fleets:
    """The fleets of this process.

    A thread that waits for Ray holds no lock but the one of the layout whose fleet it starts.
    """

    def __init__(self) -> None:
        # Reentrant, because garbage collection may end a query in any thread.
        self._lock = threading.RLock()
        self._live: dict[_core.Layout, Fleet] = {}
        self._starting: dict[_core.Layout, threading.Lock] = {}
        # Retired fleets whose runners still own results: Ray ends an actor that has no handle left.
        self._retired: list[Fleet] = []
        self._wanted: frozenset[_core.Layout] = frozenset()
        # The layout that ran the last query that was too wide for the layout in force. Only this one
        # overflow fleet is kept, because each fleet has workers on every node.
        self._overflow_layout: _core.Layout | None = None

    def live(self) -> list[Fleet]:
        """Return the fleets that can take queries."""
        with self._lock:
            return list(self._live.values())

    @contextlib.contextmanager
    def query(
        self, layout: _core.Layout, asked: _core.Layout, seams: daft_seams.Seams, ray_runner: Any
    ) -> Iterator[Fleet]:
        """Hold the fleet of a layout for one query, and start the fleet if there is none.

        Args:
            layout: The layout that the query runs under.
            asked: The layout in force. Its fleet is kept while it is in force, and so is the fleet of
                the last query that was too wide for it.
            seams: The checked seams.
            ray_runner: The `RayRunner` of this process.
        """
        with self._lock:
            starting = self._starting.setdefault(layout, threading.Lock())
        fleet = None
        try:
            with starting:
                fleet = (
                    self._held(layout)
                    or self._resumed(layout, seams, ray_runner)
                    or self._started(layout, seams, ray_runner)
                )
            with self._lock:
                fleet.serves.add(asked)
                if layout not in asked.target_layouts:
                    self._overflow_layout = layout
            self._retire_unused()
            yield fleet
        finally:
            if fleet is not None:
                self._release(fleet)

    def keep_only(self, layouts: frozenset[_core.Layout]) -> None:
        """Retire every fleet that serves none of these layouts, once its last query has ended."""
        with self._lock:
            self._wanted = layouts
            leaving = [fleet for fleet in self._retired if fleet not in self._live.values()]
        self._retire_unused()
        gone = [fleet for fleet in leaving if fleet.has_left()]
        with self._lock:
            self._retired = [fleet for fleet in self._retired if fleet not in gone]

    def _held(self, layout: _core.Layout) -> Fleet | None:
        """Hold the live fleet of a layout. Returns None if there is none that can take a query.

        If a fleet still runs abandoned queries and no others after `REST_PATIENCE_S`, it is retired:
        starting new workers is faster than waiting longer.
        """
        with self._lock:
            fleet = self._live.get(layout)
            if fleet is None:
                return None
            fleet.active += 1
        deadline = time.monotonic() + REST_PATIENCE_S
        try:
            while (good := fleet.is_healthy()) and self._is_held_up(fleet):
                if time.monotonic() > deadline:
                    break
                time.sleep(_REST_INTERVAL_S)
        except BaseException:
            self._release(fleet)
            raise
        with self._lock:
            if good and not self._is_held_up(fleet):
                return fleet
            fleet.active -= 1
            if self._live.get(layout) is not fleet:
                return None
            if not good:
                del self._live[layout]
                return None
            self._take_out(fleet)
        logger.info(
            "layout %s: workers are replaced, because an abandoned query still runs", layout
        )
        fleet.retire()
        return None

    def _is_held_up(self, fleet: Fleet) -> bool:
        # Only abandoned queries run on the fleet, beside the query that asks.
        with self._lock:
            return fleet.is_draining and fleet.active == 1

    def _resumed(
        self, layout: _core.Layout, seams: daft_seams.Seams, ray_runner: Any
    ) -> Fleet | None:
        """Resume and hold a retired fleet of a layout. Returns None if none can be resumed."""
        with self._lock:
            retired = [fleet for fleet in self._retired if fleet.layout == layout]
        for fleet in retired:
            try:
                if fleet.resume(daft_seams.startup_timeout(seams, ray_runner)):
                    with self._lock:
                        fleet.active += 1
                        self._live[layout] = fleet
                        self._retired = [other for other in self._retired if other is not fleet]
                    return fleet
            except BaseException:  # Such as a Ctrl-C after the fleet was resumed.
                if fleet not in self.live():
                    fleet.retire()
                raise
        return None

    def _started(self, layout: _core.Layout, seams: daft_seams.Seams, ray_runner: Any) -> Fleet:
        fleet = Fleet(layout, seams, ray_runner)
        with self._lock:
            fleet.active += 1
            self._live[layout] = fleet
        return fleet

    def _release(self, fleet: Fleet) -> None:
        with self._lock:
            fleet.active -= 1
        self._retire_unused()

    def _retire_unused(self) -> None:
        """Retire the fleets that no query uses and no layout in force wants."""
        with self._lock:
            # A copy, because garbage collection may end another query here and so take its fleet out.
            live = list(self._live.values())
            unused = [fleet for fleet in live if not fleet.active and not self._is_wanted(fleet)]
            for fleet in unused:
                self._take_out(fleet)
        for fleet in unused:
            fleet.retire()

    def _take_out(self, fleet: Fleet) -> None:
        """Stop sending queries to a fleet. A Ctrl-C at any step leaves its handle in `_retired`."""
        if fleet not in self._retired:
            self._retired.append(fleet)
        if self._live.get(fleet.layout) is fleet:
            del self._live[fleet.layout]

    def _is_wanted(self, fleet: Fleet) -> bool:
        if fleet.was_interrupted:
            return False
        if not fleet.serves & self._wanted:
            return False
        target_layouts = (layout for asked in self._wanted for layout in asked.target_layouts)
        return fleet.layout in target_layouts or fleet.layout == self._overflow_layout


FLEETS = Fleets()
