"""Apply the patch and roll it back."""

from __future__ import annotations

from protoplast.driver.patch import PATCH, LayoutGiven, layout_of

__all__ = ["apply_flotilla_patches", "rollback_flotilla_patches"]


def apply_flotilla_patches(layout: LayoutGiven | None = None) -> None:
    """Run every query that begins from now on under a layout, by default one worker per CPU core.

    You can call this before or after Daft is imported, its runner is chosen or queries have run. A
    second call replaces the layout of the first; a call inside a `patched_daft` block replaces the
    layout of that block.

    Args:
        layout: A `Layout`; its text, such as `"per-core"` or `"cpus-per-worker=4,pin=core"`; or a list
            of (selector, layout) pairs, such as `[("resource=GPU", "per-gpu"), ("*", "per-core")]`. If
            you give none, the environment variable `PROTOPLAST_LAYOUT` says which, or else it is
            `"per-core"`.

    Raises:
        LayoutError: `layout` is not a layout. Nothing was changed.
        UnsupportedDaftError: Daft lacks something that the patch relies on. Nothing was changed.
    """
    PATCH.apply(layout_of(layout))


def rollback_flotilla_patches() -> None:
    """Run every query that begins from now on with Daft's own workers.

    Rollback undoes every change to Daft, and ends the layouts of open `patched_daft` blocks too. Running
    queries finish on the workers that they began on, and collected DataFrames stay readable. If the
    patch is not applied, this does nothing.

    Raises:
        ForeignPatchError: Another library has patched Daft on top of protoplast. Every other change was
            undone, and queries run on Daft's own workers.
    """
    PATCH.roll_back()
