"""Profiles of queries, as text and as pictures."""

from typing import final

@final
class Profile:
    """Where the time of a query's worker slots went."""

    def __new__(cls, record: str) -> Profile:
        """Read what was recorded.

        Args:
            record: A `ProfileRecord` in JSON.

        Raises:
            LayoutError: The text has another form.
        """

    @property
    def advice(self) -> list[tuple[str, float | None]]:
        """What would make the query faster, each with how many times as fast, if that is known."""

    @property
    def accounted(self) -> float:
        """For which part of slots times time it is known what they did, 0 to 1."""

    def table(self) -> str:
        """Return a table for a terminal."""

    def to_svg(self, dark: bool) -> str:
        """Return a page of SVG.

        Args:
            dark: Whether it is for a dark background.
        """

    def to_html(self) -> str:
        """Return a page of HTML that loads nothing from elsewhere."""

    def to_json(self) -> str:
        """Return the figures, the advice and what was recorded, in JSON."""

    def to_trace(self) -> str:
        """Return a trace in the form of Chrome's."""
