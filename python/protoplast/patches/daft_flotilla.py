"""Apply and roll back the patch."""

from __future__ import annotations

from protoplast.driver.patch import PATCH, LayoutGiven, layout_of

__all__ = ["apply_flotilla_patches", "rollback_flotilla_patches"]


def apply_flotilla_patches(layout: LayoutGiven | None = None) -> None:
    """Run the queries that begin from now on under a layout: by default one worker per CPU core.

    Can be called before or after Daft is imported, its runner is chosen or queries have run, and
    again with another layout, which then replaces the first. Inside a `patched_daft` block it
    replaces the layout of that block.

    Args:
        layout: A `Layout`, its text, such as `"per-core"` or `"cpus-per-worker=4,pin=core"`, or a list
            of (selector, layout), such as `[("resource=GPU", "per-gpu"), ("*", "per-core")]`. Where none
            is given, that of the environment variable `PROTOPLAST_LAYOUT`, and without it `"per-core"`.

    Raises:
        LayoutError: It is not a layout. Nothing was touched.
        UnsupportedDaftError: Daft lacks what the patch relies on. Nothing was touched.
    """
    PATCH.apply(layout_of(layout))


def rollback_flotilla_patches() -> None:
    """Go back to Daft's own workers for the queries that begin from now on.

    Takes back every change to Daft and closes the layouts of open `patched_daft` blocks as well.
    Queries that are running end on the workers that they began on; what was collected stays
    readable. Without a patch it does nothing.

    Raises:
        ForeignPatchError: Another library has patched over the patch. All else was taken back, and
            queries run on Daft's own workers.
    """
    PATCH.roll_back()
