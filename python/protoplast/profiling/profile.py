"""The profile of a query, and how it is shown."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from protoplast import _core

# How high a notebook shows a profile, in pixels.
_HEIGHT_PX = 640


@dataclass(frozen=True)
class Advice:
    """What would make a query faster.

    Args:
        sentence: What to do and why, in one sentence.
        gain: How many times as fast the query is expected to be then, or None if that is not known.
    """

    sentence: str
    gain: float | None

    def __str__(self) -> str:
        return self.sentence


class Profile:
    """Where the time of a query's worker slots went. `str()` gives a table.

    A notebook shows it as a picture whose lanes can be zoomed.

    Args:
        record: A `ProfileRecord` in JSON, which is `record` of what `to_json` returns.

    Raises:
        LayoutError: `record` has another form.
    """

    def __init__(self, record: str) -> None:
        self._core = _core.Profile(record)

    @property
    def advice(self) -> list[Advice]:
        """What would make the query faster, what gains most first."""
        return [Advice(sentence, gain) for sentence, gain in self._core.advice]

    @property
    def accounted(self) -> float:
        """For which part of slots times time it is known what they did, 0 to 1."""
        return self._core.accounted

    def to_svg(self, dark: bool = False) -> str:
        """Return a page of SVG with a lane for each slot.

        Args:
            dark: Whether it is for a dark background.
        """
        return self._core.to_svg(dark)

    def to_html(self) -> str:
        """Return a page of HTML that can be zoomed. It loads nothing from elsewhere."""
        return self._core.to_html()

    def to_json(self) -> str:
        """Return the figures, the advice and what was recorded, in JSON. Times are in microseconds."""
        return self._core.to_json()

    def to_trace(self) -> str:
        """Return a trace in JSON, which Chrome (`chrome://tracing`) and Perfetto read."""
        return self._core.to_trace()

    def save(self, path: str | PathLike[str]) -> None:
        """Write the profile to a file. What it holds follows from the end of its name.

        Args:
            path: The file: `.svg`, `.html`, `.trace.json` for a trace, or else `.json`.

        Raises:
            ValueError: The name ends in another way.
            OSError: The file cannot be written.
        """
        name = str(path)
        for ending, text in self._forms():
            if name.endswith(ending):
                Path(name).write_text(text(), encoding="utf-8")
                return
        endings = ", ".join(ending for ending, _ in self._forms())
        raise ValueError(
            f"the name of a profile's file ends with one of {endings}, not as {name!r}"
        )

    def _forms(self) -> list[tuple[str, Callable[[], str]]]:
        return [
            (".svg", self.to_svg),
            (".html", self.to_html),
            (".trace.json", self.to_trace),
            (".json", self.to_json),
        ]

    def _repr_html_(self) -> str:
        """Return the page for a notebook, in a frame of its own that reaches nothing outside."""
        page = html.escape(self.to_html(), quote=True)
        return (
            f'<iframe srcdoc="{page}" sandbox="allow-scripts" '
            f'style="width: 100%; height: {_HEIGHT_PX}px; border: 0"></iframe>'
        )

    def _repr_mimebundle_(self, **_asked: Any) -> dict[str, str]:
        # A terminal shows the table, and a notebook the page.
        return {"text/plain": str(self), "text/html": self._repr_html_()}

    def __str__(self) -> str:
        return self._core.table()
