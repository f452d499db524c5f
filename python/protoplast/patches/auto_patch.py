"""The patch for the length of a block."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from protoplast.driver.patch import PATCH, Layer, LayoutGiven, layout_of

__all__ = ["patched_daft"]


@contextlib.contextmanager
def patched_daft(layout: LayoutGiven | None = None) -> Iterator[None]:
    """Run the queries of a block under a layout: by default one worker per CPU core.

    At the end of the block, also by an exception, what was in force before it is in force again. A
    `rollback_flotilla_patches()` inside the block counts, and nothing comes back after it. The Ray
    runner is chosen where the process has not chosen a runner when its first query runs. It is for the
    whole process: of blocks that threads have open at the same time, the one entered last counts.

    Args:
        layout: As for `apply_flotilla_patches`.

    Raises:
        LayoutError: It is not a layout. Nothing was touched.
        UnsupportedDaftError: Daft lacks what the patch relies on. Nothing was touched.
    """
    layer = Layer(layout_of(layout), choose_ray=True)
    try:
        PATCH.push(layer)
        yield
    finally:
        PATCH.remove(layer)
