"""A query on one worker has a bar once it has run for a while, where Daft's bars are on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from protoplast.runner.whole import bar
from protoplast.seams import daft as daft_seams

pytestmark = pytest.mark.usefixtures("quick")


class FakeBar:
    """Stands in for Ray's tqdm, and keeps what it is told."""

    made: list[FakeBar]
    fails: bool

    def __init__(self, total: int, desc: str) -> None:
        self.told = [f"{desc} of {total}"]
        self.made.append(self)

    def update(self, more: int) -> None:
        self.told.append(f"{more} more")
        if self.fails:
            raise OSError("no terminal")

    def close(self) -> None:
        self.told.append("closed")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeBar.made, FakeBar.fails = [], False
    monkeypatch.setattr(bar, "_DELAY_S", 0.01)
    monkeypatch.setattr(daft_seams, "tqdm_of_bars", lambda: FakeBar)


def run(seconds: float, error: BaseException | None = None) -> list[list[str]]:
    """What the bars of a query are told that takes so long and then fails, if an error is given."""

    async def query() -> None:
        with bar.shown():
            await asyncio.sleep(seconds)
            if error is not None:
                raise error

    asyncio.run(query())
    return [made.told for made in FakeBar.made]


def test_a_long_query_fills_its_bar() -> None:
    assert run(0.1) == [["Query on one worker of 1", "1 more", "closed"]]


def test_a_short_query_has_none() -> None:
    assert run(0.0) == []


def test_a_query_that_fails_leaves_its_bar_closed() -> None:
    with pytest.raises(ValueError, match="of the query"):
        run(0.1, ValueError("of the query"))
    assert [made.told for made in FakeBar.made] == [["Query on one worker of 1", "closed"]]


def test_no_error_of_a_bar_reaches_the_query(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeBar.fails = True
    assert run(0.1)[0][-1] == "closed"

    def missing() -> Any:
        raise ImportError("tqdm")

    monkeypatch.setattr(daft_seams, "tqdm_of_bars", missing)
    FakeBar.made.clear()
    assert run(0.1) == []


def test_no_bar_where_daft_shows_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daft_seams, "tqdm_of_bars", lambda: None)
    assert run(0.1) == []
