"""Reads back from Ray which runners and workers this process has now."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from protoplast import _core
from protoplast.driver.fleet import Fleet
from protoplast.driver.fleets import FLEETS
from protoplast.driver.patch import PATCH
from protoplast.driver.recent import RECENT, Explanation
from protoplast.driver.runner_choice import other_runner
from protoplast.runner.fleet_report import REPORT_TIMEOUT_S, FleetReport, fleet_report
from protoplast.worker.report import WorkerReport


@dataclass(frozen=True)
class Status:
    """The runners and workers of this process. `str()` gives a table, `to_svg()` a picture.

    Args:
        applied: Whether the patch is applied in this process.
        layout: The layout in force, or None if the patch is not applied.
        in_effect: Whether the patch is applied and a live worker was found that runs queries of the
            layout in force. Under `auto`, and for queries that were too wide for the layout, that
            worker may have another layout. Workers of unrelated layouts do not count.
        reason: Why the layout is not in effect, or an empty string if it is.
        fleets: The fleets of this process: each a runner and its workers under one layout.
        queries: Which workers the last ten queries ran on, and why; the latest query comes last.
    """

    applied: bool
    layout: _core.Layout | None
    in_effect: bool
    reason: str
    fleets: tuple[FleetReport, ...]
    queries: tuple[Explanation, ...] = ()

    @property
    def workers(self) -> tuple[WorkerReport, ...]:
        """The workers of all fleets, one after the other."""
        return tuple(worker for fleet in self.fleets for worker in fleet.workers)

    def to_svg(self) -> str:
        """Return a page of SVG that draws each fleet, its nodes and the workers on them."""
        fleets = [{**asdict(fleet), "layout": str(fleet.layout)} for fleet in self.fleets]
        not_in_effect = None if self.in_effect else self.reason
        return _core.draw_status(json.dumps({"not_in_effect": not_in_effect, "fleets": fleets}))

    def _repr_svg_(self) -> str:
        """Return the page of SVG for a notebook.

        Jupyter and VS Code show `image/svg+xml` by themselves, so there is no `_repr_html_` beside it.
        """
        return self.to_svg()

    def __str__(self) -> str:
        lines = [f"in effect: {'yes' if self.in_effect else f'no ({self.reason})'}"]
        for fleet in self.fleets:
            lines.append(f"layout {fleet.layout}, runner {fleet.name}")
            lines.append(_core.worker_table(json.dumps(list(map(asdict, fleet.workers)))))
            lines += [
                f"{worker.worker_id}: {difference}"
                for worker in fleet.workers
                for difference in worker.differences
            ]
        lines += [f"a query {query}" for query in self.queries]
        return "\n".join(lines)


def status() -> Status:
    """Ask the runners and workers of this process what they are and have, and return their answers.

    Every worker process reports its own pid, node, limits and memory. Whatever a worker does not report
    is None. Each runner has ten seconds to answer, and its workers together have another ten. Nothing is
    started or changed.
    """
    layout = PATCH.layout
    read = [(found, fleet) for fleet in FLEETS.live() if (found := _read(fleet)) is not None]
    in_use = [
        (found.layout, layout in fleet.serves, [worker.state for worker in found.workers])
        for found, fleet in read
    ]
    reason = _reason(layout, in_use)
    fleets = tuple(found for found, _ in read)
    queries = tuple(query.explanation for query in tuple(RECENT))
    return Status(layout is not None, layout, not reason, reason, fleets, queries)


def _reason(layout: _core.Layout | None, in_use: list[tuple[_core.Layout, bool, list[str]]]) -> str:
    reason = _core.why_not_in_effect(layout, in_use)
    if layout is None or reason is None:
        return reason or ""
    if found := other_runner():
        return f"this process runs its queries on Daft's {found} runner"
    return reason


def _read(fleet: Fleet) -> FleetReport | None:
    report = fleet.report(REPORT_TIMEOUT_S)
    if report is None:
        return None
    import ray

    return fleet_report(ray, fleet.name, report)
