"""What a status says, as text and as a picture."""

from collections.abc import Sequence
from typing import Any

from protoplast._stubs.layout import Layout

def why_not_in_effect(
    in_force: Layout | None, fleets: Sequence[tuple[Layout, bool, Sequence[str]]]
) -> str | None:
    """Say why a layout is not in effect.

    Args:
        in_force: The layout in force, or None if the patch is not applied.
        fleets: Of each fleet the layout, whether queries of the layout in force were sent to it, and the
            states of its workers.

    Returns:
        The reason, or None if a live worker is there that runs the queries of the layout in force.
    """

def draw_status(status: Any) -> str:
    """Draw a status as a page of SVG, for light and dark surroundings.

    Each fleet is a box with its nodes, and their workers in these: one by one up to 256 of them, as
    squares where there are more, with the names of those that are not as they should be.

    Args:
        status: What has the attributes of `protoplast.Status`.

    Raises:
        LayoutError: The state of a worker is none.
    """

def render_workers(
    rows: Sequence[
        tuple[
            str,
            int | None,
            int,
            int,
            int,
            int | None,
            int | None,
            int | None,
            int | None,
            str | None,
            str,
        ]
    ],
) -> str:
    """Return a table of workers as they were read back. What a worker did not say is a dash.

    Args:
        rows: Worker id, pid, CPUs, GPUs; share of memory, limit, RSS and PSS in bytes; threads, CPUs
            that it may run on, state.
    """
