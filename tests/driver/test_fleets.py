"""Whatever interrupts, no runner is lost and no query stays open; no Ray is asked."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from protoplast import Layout
from protoplast.driver.fleets import Fleets

PER_CORE = Layout.per_core()


class OfNoRay:
    """A fleet; a Ctrl-C comes at the call that is named here."""

    interrupted_at: ClassVar[str] = ""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.active = 0
        self.serves: set[Layout] = set()
        self.was_interrupted = False
        self.is_draining = False
        self.retired = 0

    def retire(self) -> None:
        self.retired += 1
        self._call("retire")

    def has_left(self) -> bool:
        self._call("has_left")
        return False

    def is_healthy(self) -> bool:
        return True

    def resume(self, _startup_timeout: int | None) -> bool:
        self._call("resume")
        return True

    def _call(self, name: str) -> None:
        if self.interrupted_at == name:
            raise KeyboardInterrupt


def fleets_with(monkeypatch: pytest.MonkeyPatch, interrupted_at: str) -> tuple[Any, Any]:
    """Fleets of which one has served a query under a layout that is in force."""
    fleets: Any = Fleets()
    monkeypatch.setattr("protoplast.driver.fleets.Fleet", lambda layout, *_: OfNoRay(layout))
    fleets.keep_only(frozenset([PER_CORE]))
    with fleets.query(PER_CORE, PER_CORE, None, None) as fleet:
        pass
    assert fleets.live() == [fleet]
    monkeypatch.setattr(OfNoRay, "interrupted_at", interrupted_at)
    return fleets, fleet


@pytest.mark.parametrize("at", ["retire", "has_left"])
def test_the_handle_of_a_runner_is_kept_whatever_interrupts(
    at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a handle Ray ends the runner, with all results that it owns."""
    fleets, fleet = fleets_with(monkeypatch, at)
    for _ in range(3):
        try:
            fleets.keep_only(frozenset())
        except KeyboardInterrupt:
            continue
    assert fleets._retired == [fleet]
    assert fleets.live() == []


def test_a_query_that_is_interrupted_as_it_begins_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    fleets, fleet = fleets_with(monkeypatch, "retire")
    other = OfNoRay(Layout.per_node())
    fleets._live[other.layout] = other
    with pytest.raises(KeyboardInterrupt), fleets.query(PER_CORE, PER_CORE, None, None):
        raise AssertionError("the other fleet is retired before the query runs")
    assert fleet.active == 0


def test_a_retired_fleet_serves_the_next_query_of_its_layout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("protoplast.seams.daft.startup_timeout", lambda *_: None)
    fleets, fleet = fleets_with(monkeypatch, "")
    fleets.keep_only(frozenset())
    assert (fleets.live(), fleets._retired) == ([], [fleet])
    fleets.keep_only(frozenset([PER_CORE, Layout.per_node()]))
    with fleets.query(Layout.per_node(), Layout.per_node(), None, None) as other:
        assert other is not fleet
    with fleets.query(PER_CORE, PER_CORE, None, None) as again:
        assert again is fleet
    assert fleets.live() == [other, fleet]
    assert fleets._retired == []


def test_a_fleet_is_retired_where_a_ctrl_c_comes_as_it_is_taken_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("protoplast.seams.daft.startup_timeout", lambda *_: None)
    fleets, fleet = fleets_with(monkeypatch, "resume")
    fleets.keep_only(frozenset())
    with pytest.raises(KeyboardInterrupt), fleets.query(PER_CORE, PER_CORE, None, None):
        raise AssertionError("the query does not begin")
    assert fleet.retired == 2
    assert fleet.active == 0
    assert (fleets.live(), fleets._retired) == ([], [fleet])
