"""Apply the patch for the duration of a `with` block."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from protoplast.driver.patch import PATCH, Layer, LayoutGiven, layout_of

__all__ = ["patched_daft"]


@contextlib.contextmanager
def patched_daft(layout: LayoutGiven | None = None) -> Iterator[None]:
    """Run the queries of a `with` block under a layout, by default one worker per CPU core.

    When the block ends, normally or by an exception, the layout that was in force before it is in force
    again. If the block calls `rollback_flotilla_patches()`, the patch stays rolled back after the block.
    If the process has not chosen a Daft runner when its first query runs, it uses Ray's. A block applies
    to the whole process: if several threads have blocks open, the one that was entered last counts.

    Args:
        layout: The layout, in any form that `apply_flotilla_patches` takes.

    Raises:
        LayoutError: `layout` is not a layout. Nothing was changed.
        UnsupportedDaftError: Daft lacks something that the patch relies on. Nothing was changed.
    """
    layer = Layer(layout_of(layout), choose_ray=True)
    try:
        PATCH.push(layer)
        yield
    finally:
        PATCH.remove(layer)
