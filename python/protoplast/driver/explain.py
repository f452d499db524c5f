"""Says which workers a query would run on, and why."""

from __future__ import annotations

from typing import Any

from protoplast.driver.decisions import Query, plan_and_decide
from protoplast.driver.patch import PATCH, layout_of
from protoplast.driver.recent import Explanation
from protoplast.driver.user_options import USER_OPTIONS
from protoplast.errors import NotInEffectError
from protoplast.seams import daft as daft_seams


def explain(df: Any, layout: Any = None) -> Explanation:
    """Say which workers a query would run on and why, without running it.

    Args:
        df: The query, a Daft DataFrame.
        layout: The layout, in any form that `apply_flotilla_patches` takes. If you give none, it is the
            layout in force or, if the patch is not applied, the layout that applying it would use.

    Returns:
        The workers and the reason. Printing it shows both, and a hint if the query leaves cores idle.

    Raises:
        LayoutError: `layout` is not a layout.
        UnsupportedDaftError: Daft lacks something that the patch relies on.
        NotInEffectError: This process is not connected to Ray, or `df` is not a DataFrame.
        TaskTooLargeError: A task of the query fits no node, and the cluster cannot grow.
    """
    asked = PATCH.layout if layout is None else None
    if asked is None:
        asked = layout_of(layout)
    if PATCH.layout is None:  # Applying the patch has checked the seams otherwise.
        daft_seams.load()
    import ray

    if not hasattr(df, "_builder"):
        raise NotInEffectError(f"explain takes a Daft DataFrame, not {df!r:.200}")
    if not ray.is_initialized():
        raise NotInEffectError(
            "this process is not connected to Ray, so explain knows no nodes; connect first, for "
            "example with ray.init() or ray.init(address='auto')"
        )
    query = Query(*daft_seams.plan_of(df), USER_OPTIONS.names)
    return Explanation.of(asked, plan_and_decide(asked, ray, query).decision)
