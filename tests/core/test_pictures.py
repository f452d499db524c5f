"""A status draws itself; the drawing is tested in `crates/planner/tests/status_pictures.rs`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

import protoplast
from protoplast import FleetReport, Layout, Status, WorkerReport
from tests.support.shared_driver import Scenarios

WORKER = WorkerReport("a_cpu_0", "a", 4242, 1, 0, 1 << 30, "alive", 1 << 30, 150 << 20)


def status(*workers: WorkerReport, name: str = "runner") -> Status:
    layout = Layout.per_core()
    fleet = FleetReport(name, layout, workers)
    return Status(True, layout, True, "", (fleet,))


def boxes(picture: str) -> list[str | None]:
    """The classes of all boxes."""
    page = ElementTree.fromstring(picture)
    return [box.get("class") for box in page.iter("{http://www.w3.org/2000/svg}rect")]


def test_a_status_draws_itself() -> None:
    silent = replace(WORKER, worker_id="a_cpu_1", state="silent", pid=None, rss_bytes=None)
    dead = replace(silent, worker_id="a_cpu_2", state="dead", differences=("it has no pid",))
    some = status(WORKER, silent, dead)
    picture = some.to_svg()
    assert some._repr_svg_() == picture
    assert boxes(picture) == ["page", "fleet", "node", "worker", "silent", "dead"]
    for text in ("pid 4242", "150.0 MiB", "of 1.0 GiB", "silent", "dead", "it has no pid"):
        assert text in picture


def test_texts_are_escaped() -> None:
    bad = "<script>alert('&')</script>"
    picture = status(replace(WORKER, node_id=bad, worker_id=bad), name=bad).to_svg()
    assert boxes(picture) == ["page", "fleet", "node", "worker"]
    assert "<script" not in picture


def test_a_state_that_is_none_is_refused() -> None:
    with pytest.raises(protoplast.LayoutError, match="alive, silent, dead or failed"):
        status(replace(WORKER, state="well")).to_svg()


def drawn_from_ray() -> Any:
    from protoplast.patches.daft_flotilla import apply_flotilla_patches
    from tests.support.queries import rows_by_process

    before = protoplast.status().to_svg()
    apply_flotilla_patches()
    rows_by_process()
    found = protoplast.status()
    assert all(f"pid {worker.pid}" in found.to_svg() for worker in found.workers)
    return [boxes(before), boxes(found.to_svg())]


def test_what_is_read_back_is_drawn(scenarios: Scenarios) -> None:
    before, after = scenarios(drawn_from_ray, cpus=2)
    assert before == ["page"]
    assert after == ["page", "fleet", "node", "worker", "worker"]
